//! What the portal did in somebody's browser, as spans of traces: a page, and each request that it made. `docs/traces.md` says what
//! becomes of them.
//!
//! Nothing in a span is anybody's: a path is told by its [`template`], which has no id and no query.
//!
//! When something ended is told as how long ago it was, as people's clocks are wrong by minutes.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// Most spans at once.
pub const SPANS_MAX: usize = 100;
/// Most characters of a path's template.
pub const PATH_MAX: usize = 200;
/// The longest ago that a span ended, milliseconds.
pub const ENDED_AGO_MAX: u32 = 3_600_000;
/// The longest that a span lasted, milliseconds.
pub const DURATION_MAX: u32 = 600_000;
/// The methods of requests.
pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Tells of spans that ended in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordPortalSpansRequest {
    /// The spans, 1 to 100.
    #[garde(length(min = 1, max = SPANS_MAX), dive)]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    #[serde(deserialize_with = "crate::object::each")]
    pub spans: Vec<PortalSpanBody>,
}

/// A span: a page, or a request that a page made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PortalSpanBody {
    /// The trace: 32 hexadecimal digits in lower case, not all 0.
    #[garde(custom(hex::<32>))]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub trace_id: String,
    /// Its own id: 16 hexadecimal digits in lower case, not all 0.
    #[garde(custom(hex::<16>))]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{16}$"))]
    pub span_id: String,
    /// The template of the page's path, or of the request's, such as `/api/v1/workspaces/{id}`: what is no fixed word is `{id}`. At most
    /// 200 characters.
    #[garde(length(chars, max = PATH_MAX), custom(is_template))]
    #[cfg_attr(feature = "openapi", schema(max_length = 200, pattern = r"^(/([a-z-]*|v1|\{id\}))+$"))]
    pub path: String,
    /// How long before this was sent it ended, milliseconds; at most an hour.
    #[garde(range(max = ENDED_AGO_MAX))]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3600000))]
    pub ended_ms_ago: u32,
    /// How long it lasted, milliseconds; at most ten minutes.
    #[garde(range(max = DURATION_MAX))]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 600000))]
    pub duration_ms: u32,
    /// What is to be said of a request; absent for a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub request: Option<PortalRequestBody>,
}

/// What a span says of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PortalRequestBody {
    /// The span of the page that made it: 16 hexadecimal digits in lower case, not all 0.
    #[garde(custom(hex::<16>))]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{16}$"))]
    pub page_id: String,
    /// Its method: `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    #[garde(custom(is_method))]
    #[cfg_attr(feature = "openapi", schema(pattern = "^(GET|POST|PUT|PATCH|DELETE)$"))]
    pub method: String,
    /// The status of its answer, 100 to 599; absent where none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 100, max = 599))]
    #[cfg_attr(feature = "openapi", schema(minimum = 100, maximum = 599))]
    pub status: Option<u16>,
}

/// The template of an address: without its query, and with `{id}` for all that is no fixed word.
#[must_use]
pub fn template(address: &str) -> String {
    let path = address.split('?').next().unwrap_or_default();
    let mut template = String::with_capacity(path.len());
    for part in path.split_inclusive('/') {
        let word = part.strip_suffix('/').unwrap_or(part);
        template.push_str(if is_word(word) { word } else { "{id}" });
        template.push_str(&part[word.len()..]);
    }
    template
}

fn is_word(part: &str) -> bool {
    part == "v1" || part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn is_template(path: &str, _: &()) -> garde::Result {
    if path.starts_with('/') && template(path) == path {
        Ok(())
    } else {
        Err(garde::Error::new(
            "must be the template of a path: fixed words of a to z and -, {id} for all else, no query, such as /workspaces/{id}",
        ))
    }
}

fn is_method(method: &str, _: &()) -> garde::Result {
    if METHODS.contains(&method) {
        Ok(())
    } else {
        Err(garde::Error::new(format!("must be one of: {}", METHODS.join(", "))))
    }
}

fn hex<const DIGITS: usize>(text: &str, _: &()) -> garde::Result {
    let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() == DIGITS && digits && text.bytes().any(|byte| byte != b'0') {
        Ok(())
    } else {
        Err(garde::Error::new(format!("must be {DIGITS} hexadecimal digits in lower case, not all 0")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    fn spans() -> RecordPortalSpansRequest {
        let (trace_id, page_id) = ("4bf92f3577b34da6a3ce929d0e0e4736".to_owned(), "00f067aa0ba902b7".to_owned());
        let page = PortalSpanBody {
            trace_id,
            span_id: page_id.clone(),
            path: "/".to_owned(),
            ended_ms_ago: ENDED_AGO_MAX,
            duration_ms: DURATION_MAX,
            request: None,
        };
        let request = PortalRequestBody { page_id, method: "GET".to_owned(), status: Some(599) };
        let path = "/api/v1/workspaces/{id}".to_owned();
        let made =
            PortalSpanBody { span_id: "1".repeat(16), path, ended_ms_ago: 0, request: Some(request), ..page.clone() };
        RecordPortalSpansRequest { spans: vec![page, made] }
    }

    /// The fields that are refused after this change.
    fn refused(change: impl FnOnce(&mut RecordPortalSpansRequest)) -> Vec<String> {
        let mut body = spans();
        change(&mut body);
        body.validate().err().into_iter().flat_map(garde::Report::into_inner).map(|(at, _)| at.to_string()).collect()
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(refused(|_| {}), Vec::<String>::new());
        assert_eq!(refused(|body| body.spans.clear()), ["spans"]);
        assert_eq!(refused(|body| body.spans = vec![body.spans[0].clone(); SPANS_MAX + 1]), ["spans"]);
        for trace in ["", "4bf92f3577b34da6a3ce929d0e0e473", &"0".repeat(32), &"A".repeat(32), &"g".repeat(32)] {
            assert_eq!(refused(|body| body.spans[0].trace_id = trace.to_owned()), ["spans[0].trace_id"], "{trace}");
        }
        assert_eq!(refused(|body| body.spans[1].span_id = "0".repeat(16)), ["spans[1].span_id"]);
        for path in
            ["", "jobs", "/jobs?q=ada", "/users/Ada", "/jobs/7", "/jobs/{name}", &format!("/{}", "a".repeat(200))]
        {
            assert_eq!(refused(|body| body.spans[0].path = path.to_owned()), ["spans[0].path"], "{path}");
        }
        assert_eq!(refused(|body| body.spans[0].ended_ms_ago += 1), ["spans[0].ended_ms_ago"]);
        assert_eq!(refused(|body| body.spans[0].duration_ms += 1), ["spans[0].duration_ms"]);
        let request = |change: fn(&mut PortalRequestBody)| {
            refused(|body| body.spans[1].request.iter_mut().for_each(change)).join(" ")
        };
        assert_eq!(request(|it| it.page_id.push('0')), "spans[1].request.page_id");
        assert_eq!(request(|it| it.method = "get".to_owned()), "spans[1].request.method");
        assert_eq!(request(|it| it.status = Some(99)), "spans[1].request.status");
        assert_eq!(request(|it| it.status = Some(600)), "spans[1].request.status");
        assert_eq!(request(|it| it.status = None), "");
    }

    #[test]
    fn a_template_has_no_id_and_no_query() {
        let timeline = "/api/v1/workspaces/0198c0de-0000-7000-8000-000000000001/timeline?from=2026-01-01";
        for (address, expected) in [
            ("/", "/"),
            ("/workspaces?q=ada%40example.com", "/workspaces"),
            (timeline, "/api/v1/workspaces/{id}/timeline"),
            ("/api/v1/audit-log/4711", "/api/v1/audit-log/{id}"),
            ("/admin/people/ada@example.com#here", "/admin/people/{id}"),
            ("/api/v1/schedules/sync-workspaces/run", "/api/v1/schedules/sync-workspaces/run"),
        ] {
            assert_eq!(template(address), expected);
            assert_eq!(template(expected), expected, "it stays one");
        }
        for path in [paths::SESSION, paths::WORKSPACES_RUNNING_MODE, paths::PROFILE_TOTP_CONFIRM, paths::OIDC_LINK] {
            assert_eq!(template(path), path, "fixed words stay");
        }
    }
}
