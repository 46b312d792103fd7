//! Operations that will go: each answer says since when nobody should begin to use it (`Deprecation`, RFC 9745), from when on it
//! may be gone (`Sunset`, RFC 8594), where that is explained and what to use instead (`Link`); the document marks it. What it
//! answers stays as it is. Not for single fields: those stay until the whole version goes.
//!
//! To deprecate an operation: a line in [`DEPRECATED`], a section for `about` to lead to, an entry in the changelog. Its route
//! goes when the day of its `sunset` has passed, not before.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use http::header::LINK;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::{Operation, PathItem};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// The operations that will go; none at present.
pub const DEPRECATED: &[Deprecated] = &[];

/// The beginning of a day in UTC, by year, month and day.
pub type Day = (i32, u32, u32);

/// An operation that will go.
#[derive(Debug, Clone, Copy)]
pub struct Deprecated {
    /// Its method, as it is sent.
    pub method: &'static str,
    /// Its path, as `contract::paths` has it.
    pub path: &'static str,
    /// Since when nobody should begin to use it.
    pub since: Day,
    /// From when on it may be gone; `None` while that is not decided.
    pub sunset: Option<Day>,
    /// What to use instead: a path of ours.
    pub instead: Option<&'static str>,
    /// Where people read why, and what to do.
    pub about: &'static str,
}

/// The layer. It must lie inside the routing, so that the address is known as the table has it, and around what refuses: a
/// refusal says it too.
pub async fn deprecation(State(table): State<&'static [Deprecated]>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let found = matched.and_then(|matched| find(table, request.method(), matched.as_str()));
    let mut response = next.run(request).await;
    if let Some(found) = found {
        found.tell(response.headers_mut());
    }
    response
}

/// Marks the operations in the document.
pub(crate) fn mark(document: &mut Document, table: &[Deprecated]) {
    for deprecated in table {
        let item = document.paths.paths.get_mut(deprecated.path);
        if let Some(operation) = item.and_then(|item| operation(item, deprecated.method)) {
            operation.deprecated = Some(utoipa::openapi::Deprecated::True);
        }
    }
}

/// `HEAD` is answered by what answers `GET`.
fn find(table: &'static [Deprecated], method: &Method, path: &str) -> Option<&'static Deprecated> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    table.iter().find(|deprecated| deprecated.method == method && deprecated.path == path)
}

fn operation<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}

fn moment((year, month, day): Day) -> Option<DateTime<Utc>> {
    NaiveDate::from_ymd_opt(year, month, day).map(|date| date.and_time(NaiveTime::MIN).and_utc())
}

impl Deprecated {
    fn tell(&self, headers: &mut HeaderMap) {
        let since = moment(self.since).map(|at| format!("@{}", at.timestamp()));
        let sunset = self.sunset.and_then(moment).map(|at| at.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        let about = format!("<{}>; rel=\"deprecation\"; type=\"text/html\"", self.about);
        let instead = self.instead.map(|path| format!("<{path}>; rel=\"successor-version\""));
        for (name, value) in [(DEPRECATION, since), (SUNSET, sunset), (LINK, Some(about)), (LINK, instead)] {
            if let Some(value) = value.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.append(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use http::StatusCode;
    use tower::ServiceExt as _;

    use super::*;

    const TOY: Deprecated = Deprecated {
        method: "GET",
        path: "/api/v1/toys/{toy_id}",
        since: (2026, 11, 1),
        sunset: Some((2027, 5, 1)),
        instead: Some("/api/v1/games"),
        about: "https://docs.example/changes#toys",
    };
    const TOYS: &[Deprecated] = &[TOY];

    async fn ask(method: Method, path: &str) -> (StatusCode, Vec<(String, String)>) {
        let toys = Router::new()
            .route("/api/v1/toys/{toy_id}", get(async || StatusCode::FORBIDDEN).delete(async || "gone"))
            .route("/api/v1/games", get(async || "chess"))
            .layer(from_fn_with_state(TOYS, deprecation));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = toys.oneshot(request).await.unwrap();
        let told = |name: &HeaderName| [&DEPRECATION, &SUNSET, &LINK].contains(&name);
        let headers = response.headers().iter().filter(|(name, _)| told(name));
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        (response.status(), headers)
    }

    #[tokio::test]
    async fn a_deprecated_operation_says_so_with_every_answer() {
        let expected = [
            ("deprecation", "@1793491200"),
            ("sunset", "Sat, 01 May 2027 00:00:00 GMT"),
            ("link", "<https://docs.example/changes#toys>; rel=\"deprecation\"; type=\"text/html\""),
            ("link", "</api/v1/games>; rel=\"successor-version\""),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for method in [Method::GET, Method::HEAD] {
            let (status, mut headers) = ask(method, "/api/v1/toys/7").await;
            assert_eq!(status, StatusCode::FORBIDDEN);
            headers.sort_by_key(|(name, value)| expected.iter().position(|e| e == &(name.clone(), value.clone())));
            assert_eq!(headers, expected);
        }
    }

    #[tokio::test]
    async fn other_operations_say_nothing() {
        for (method, path) in [(Method::DELETE, "/api/v1/toys/7"), (Method::GET, "/api/v1/games")] {
            assert_eq!(ask(method, path).await, (StatusCode::OK, Vec::new()));
        }
    }

    #[test]
    fn what_is_not_decided_is_not_said() {
        let mut headers = HeaderMap::new();
        Deprecated { sunset: None, instead: None, ..TOY }.tell(&mut headers);
        assert!(headers.contains_key(DEPRECATION) && !headers.contains_key(SUNSET));
        assert_eq!(headers.get_all(LINK).iter().count(), 1);
    }

    /// What is wrong with a table, by the document of the operations that there are.
    fn faults(table: &[Deprecated]) -> Vec<String> {
        let mut document = crate::router::document();
        let mut faults = Vec::new();
        for entry in table {
            let mut fault = |what: &str| faults.push(format!("{} {}: {what}", entry.method, entry.path));
            let item = document.paths.paths.get_mut(entry.path);
            if item.and_then(|item| operation(item, entry.method)).is_none() {
                fault("no such operation");
            }
            if entry.instead.is_some_and(|path| !document.paths.paths.contains_key(path)) {
                fault("what to use instead is not there");
            }
            match (moment(entry.since), entry.sunset.map(moment)) {
                (None, _) | (_, Some(None)) => fault("no such day"),
                (Some(since), Some(Some(sunset))) if sunset < since => fault("gone before it is deprecated"),
                _ => {}
            }
            if HeaderValue::try_from(entry.about).is_err() || !entry.about.starts_with("https://") {
                fault("about is no address");
            }
        }
        faults
    }

    #[test]
    fn the_table_names_operations_that_there_are() {
        assert_eq!(faults(DEPRECATED), Vec::<String>::new());
        let good = Deprecated { path: contract::paths::WORKSPACES, instead: Some(contract::paths::JOBS), ..TOY };
        assert_eq!(faults(&[good]), Vec::<String>::new());
        let bad = [
            Deprecated { path: "/api/v1/nowhere", ..good },
            Deprecated { method: "PUT", ..good },
            Deprecated { instead: Some("/api/v1/nowhere"), ..good },
            Deprecated { since: (2026, 2, 30), ..good },
            Deprecated { sunset: Some((2026, 10, 31)), ..good },
            Deprecated { about: "ask\nus", ..good },
        ];
        for entry in bad {
            assert_eq!(faults(&[entry]).len(), 1, "{entry:?}");
        }
    }

    #[test]
    fn the_document_marks_it() {
        let entry = Deprecated { path: contract::paths::WORKSPACES, ..TOY };
        let mut document = crate::router::document();
        mark(&mut document, &[entry]);
        let marked: Vec<&String> = document
            .paths
            .paths
            .iter()
            .filter(|(_, item)| item.get.as_ref().is_some_and(|operation| operation.deprecated.is_some()))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(marked, [contract::paths::WORKSPACES]);
    }
}
