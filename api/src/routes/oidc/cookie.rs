//! What the browser holds while its person is at the provider.

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue};

const NAME: &str = "__Host-wheelhouse-sso";
/// As long as a sign-in may take.
const MAX_AGE_SECONDS: i64 = 600;
/// The longest value that is looked at; ours have 43 characters.
const LONGEST: usize = 128;

/// `Set-Cookie` with it. `Lax`: the provider leads back from another site.
pub(super) fn set(value: &str) -> HeaderValue {
    with_age(value, MAX_AGE_SECONDS)
}

/// `Set-Cookie` that ends it.
pub(super) fn clear() -> HeaderValue {
    with_age("", 0)
}

/// What the browser holds.
pub(super) fn held(headers: &HeaderMap) -> Option<String> {
    let value = CookieJar::from_headers(headers).get(NAME)?.value().to_owned();
    (!value.is_empty() && value.len() <= LONGEST).then_some(value)
}

fn with_age(value: &str, seconds: i64) -> HeaderValue {
    let cookie =
        Cookie::build((NAME, value.to_owned())).path("/").secure(true).http_only(true).same_site(SameSite::Lax);
    let text = format!("{}; Max-Age={seconds}", cookie.build());
    // A base64url token and fixed attributes are always a valid header.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
