//! Refuses changes that another site asks a browser to make: `Sec-Fetch-Site` must be `same-origin` or `none`, `Origin` must
//! be our own, and whoever comes with a session cookie must send a header that no form and no simple request of another site
//! can carry ([`PAGE_HEADER`]). What comes with an API key and without a cookie passes: no browser adds a key by itself.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use contract::problem::code;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, Method, Uri};

use crate::error::ApiError;
use crate::extract::{SESSION_COOKIE, by_bearer_alone};

/// The header that pages of ours, and programs with a session cookie, send with everything that changes something.
pub const PAGE_HEADER: HeaderName = HeaderName::from_static("x-wheelhouse");

/// What counts as our own origin, besides the request's `Host`.
#[derive(Debug, Clone, Default)]
pub struct OwnOrigin(Option<Arc<str>>);

impl OwnOrigin {
    /// From the public address of the installation, such as `https://wheelhouse.example.org`.
    #[must_use]
    pub fn new(public_url: Option<&str>) -> Self {
        Self(public_url.and_then(authority).map(Arc::from))
    }
}

/// The layer.
///
/// # Errors
/// 403 `cross_site`.
pub async fn csrf(State(own): State<OwnOrigin>, request: Request, next: Next) -> Result<Response, ApiError> {
    let headers = request.headers();
    if !is_unsafe(request.method()) || by_bearer_alone(headers) {
        return Ok(next.run(request).await);
    }
    if !same_origin(headers, request.uri(), &own) {
        let detail = "A page of another site sent this request. Open Wheelhouse itself and do it there; \
                      if this is Wheelhouse, its public address (server.public_url) is not the one you use.";
        return Err(ApiError::new(code::CROSS_SITE, detail));
    }
    if has_cookie(headers) && !headers.contains_key(PAGE_HEADER) {
        let detail = "With a session cookie, send the header X-Wheelhouse: 1 with everything that changes something. \
                      It proves that no page of another site sent this request.";
        return Err(ApiError::new(code::CROSS_SITE, detail));
    }
    Ok(next.run(request).await)
}

/// Whether a session cookie came along, good or not.
fn has_cookie(headers: &HeaderMap) -> bool {
    CookieJar::from_headers(headers).get(SESSION_COOKIE).is_some()
}

fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn same_origin(headers: &HeaderMap, uri: &Uri, own: &OwnOrigin) -> bool {
    let site = headers.get("sec-fetch-site").map(|v| v.as_bytes());
    if !matches!(site, None | Some(b"same-origin" | b"none")) {
        return false;
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    // `Origin: null` (sandboxed frames, some redirects) has no authority and is refused.
    let Some(origin) = origin.to_str().ok().and_then(authority) else { return false };
    let host = headers.get(HOST).and_then(|v| v.to_str().ok()).or_else(|| uri.authority().map(|a| a.as_str()));
    let scheme_port = if headers.get(ORIGIN).is_some_and(|v| v.as_bytes().starts_with(b"https")) { 443 } else { 80 };
    let host = host.map(|h| with_port(&h.to_ascii_lowercase(), scheme_port));
    host.as_deref() == Some(&origin) || own.0.as_deref() == Some(&origin)
}

/// `host:port` of an `http(s)://` origin, in lower case, the port always written.
fn authority(origin: &str) -> Option<String> {
    let origin = origin.trim().to_ascii_lowercase();
    let (rest, port) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
        (Some(rest), _) => (rest, 443),
        (_, Some(rest)) => (rest, 80),
        _ => return None,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (!host.is_empty() && !host.contains('@')).then(|| with_port(host, port))
}

fn with_port(host: &str, default: u16) -> String {
    // An IPv6 address has colons of its own, inside brackets.
    let after_address = host.rfind(']').map_or(host, |end| &host[end..]);
    if after_address.contains(':') { host.to_owned() } else { format!("{host}:{default}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(pairs: &[(&'static str, &'static str)], public_url: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, http::HeaderValue::from_static(value));
        }
        same_origin(&headers, &Uri::from_static("/api/v1/session"), &OwnOrigin::new(public_url))
    }

    #[test]
    fn the_matrix() {
        let host = ("host", "fleet.example:8080");
        let cases: &[(&[(&str, &str)], bool)] = &[
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "nonsense")], false),
            (&[("origin", "http://fleet.example:8080")], true),
            (&[("origin", "HTTP://FLEET.example:8080")], true),
            (&[("origin", "http://fleet.example")], false),
            (&[("origin", "http://evil.example:8080")], false),
            (&[("origin", "http://fleet.example:8080.evil.example")], false),
            (&[("origin", "http://fleet.example:8080@evil.example")], false),
            (&[("origin", "null")], false),
            (&[("origin", "")], false),
            (&[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://fleet.example:8080")], false),
        ];
        for (headers, expected) in cases {
            let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, *v)).chain([host]).collect();
            let headers: Vec<(&'static str, &'static str)> =
                headers.into_iter().map(|(n, v)| (&*n.to_owned().leak(), &*v.to_owned().leak())).collect();
            assert_eq!(passes(&headers, None), *expected, "{headers:?}");
        }
    }

    #[test]
    fn default_ports_need_not_be_written() {
        assert!(passes(&[("host", "fleet.example"), ("origin", "https://fleet.example")], None));
        assert!(passes(&[("host", "fleet.example:443"), ("origin", "https://fleet.example")], None));
        assert!(!passes(&[("host", "fleet.example:80"), ("origin", "https://fleet.example")], None));
        assert!(passes(&[("host", "[::1]"), ("origin", "http://[::1]")], None));
    }

    #[test]
    fn behind_a_proxy_the_public_address_counts() {
        let headers = [("host", "10.0.0.7:8080"), ("origin", "https://fleet.example")];
        assert!(passes(&headers, Some("https://fleet.example/")));
        assert!(!passes(&headers, Some("https://other.example")));
    }

    #[test]
    fn reading_is_not_changing() {
        assert!(!is_unsafe(&Method::GET) && !is_unsafe(&Method::HEAD));
        assert!(is_unsafe(&Method::POST) && is_unsafe(&Method::DELETE) && is_unsafe(&Method::PATCH));
    }
}
