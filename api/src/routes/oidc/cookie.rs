//! What the browser holds while its person is at the provider.

use axum_extra::extract::CookieJar;
use http::{HeaderMap, HeaderValue};

use crate::routes::session::cookie::host_cookie;

const NAME: &str = "__Host-wheelhouse-sso";
/// As long as a sign-in may take.
const MAX_AGE_SECONDS: i64 = 600;
/// The longest value that is looked at; ours have 43 characters.
const LONGEST: usize = 128;

/// `Set-Cookie` with it.
pub(super) fn set(value: &str) -> HeaderValue {
    host_cookie(NAME, value, MAX_AGE_SECONDS)
}

/// `Set-Cookie` that ends it.
pub(super) fn clear() -> HeaderValue {
    host_cookie(NAME, "", 0)
}

/// What the browser holds.
pub(super) fn held(headers: &HeaderMap) -> Option<String> {
    let value = CookieJar::from_headers(headers).get(NAME)?.value().to_owned();
    (!value.is_empty() && value.len() <= LONGEST).then_some(value)
}
