//! Pages of other origins that may call the API: those on the list (`server.cors_origins`), with an API key. Credentials of the
//! browser are never allowed, so that no page but our own acts with a session. Who is not on the list gets no header, and the
//! browser refuses.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

use super::for_programs;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str =
    "authorization, content-type, idempotency-key, if-match, last-event-id, traceparent, x-request-id, x-wheelhouse";
const EXPOSED: &str = "deprecation, etag, idempotency-replayed, link, location, ratelimit, ratelimit-limit, \
     ratelimit-policy, ratelimit-remaining, ratelimit-reset, retry-after, sunset, x-request-id";
/// A browser need not ask again for so long, seconds.
const MAX_AGE: &str = "600";

/// Origins as browsers write them.
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins(Arc<HashSet<String>>);

impl AllowedOrigins {
    /// Of that list.
    #[must_use]
    pub fn new(list: &[String]) -> Self {
        Self(Arc::new(list.iter().cloned().collect()))
    }

    /// Whether pages of that origin may call the API.
    #[must_use]
    pub fn has(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| self.0.contains(origin))
    }
}

/// The layer. Outside the ones that refuse: a page on the list is to read a refusal too.
pub async fn cors(State(allowed): State<AllowedOrigins>, request: Request, next: Next) -> Response {
    if allowed.0.is_empty() || !for_programs(request.uri().path()) {
        return next.run(request).await;
    }
    let origin = request.headers().get(ORIGIN).filter(|origin| allowed.has(origin)).cloned();
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (&origin, asks) {
        (Some(_), true) => {
            let answer = [
                (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
                (ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
                (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
            ];
            (StatusCode::NO_CONTENT, answer).into_response()
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if !asks {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }
    response
}
