//! The session cookie: set at sign-in, cleared at sign-out. Its rules are the browser's own for names that begin with
//! `__Host-`: TLS (or a loopback address), this host alone, every path.

use axum_extra::extract::cookie::{Cookie, SameSite};
use http::HeaderValue;

use crate::extract::SESSION_COOKIE;

/// `Set-Cookie` of a name that begins with `__Host-` and a token of ours, kept by the browser for so long. `Lax`: whoever comes by
/// a link, or back from a sign-in at another service, brings it along.
pub(crate) fn host_cookie(name: &'static str, token: &str, max_age_seconds: i64) -> HeaderValue {
    let cookie =
        Cookie::build((name, token.to_owned())).path("/").secure(true).http_only(true).same_site(SameSite::Lax);
    let value = format!("{}; Max-Age={}", cookie.build(), max_age_seconds.max(0));
    // A base64url token and fixed attributes are always a valid header.
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static(""))
}

/// `Set-Cookie` that signs in, kept by the browser for as long as the session can last at most.
#[must_use]
pub fn set(token: &str, max_age_seconds: i64) -> HeaderValue {
    host_cookie(SESSION_COOKIE, token, max_age_seconds)
}

/// `Set-Cookie` that signs out.
#[must_use]
pub fn clear() -> HeaderValue {
    set("", 0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_cookie_keeps_the_host_prefix_rules() {
        let value = super::set("abc", 60);
        let value = value.to_str().unwrap();
        assert!(value.starts_with("__Host-wheelhouse=abc;"), "{value}");
        for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=60"] {
            assert!(value.split("; ").any(|p| p == part), "{part} in {value}");
        }
        assert!(!value.contains("Domain"));
        assert!(super::clear().to_str().unwrap().contains("Max-Age=0"));
    }
}
