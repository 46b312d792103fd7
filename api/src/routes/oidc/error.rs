//! What the errors of single sign-on mean: on the wire, and for a browser that is on its way between two pages.

use axum::response::{IntoResponse, Response};
use contract::problem::code;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use services::oidc::{Failed, OidcFault};

use super::cookie;
use crate::error::{ApiError, sentence};

impl From<OidcFault> for ApiError {
    fn from(fault: OidcFault) -> Self {
        let words = sentence(&fault.to_string());
        match fault {
            OidcFault::Store(cause) => cause.into(),
            OidcFault::StepUp(needed) => needed.into(),
            OidcFault::Off => Self::new(code::NOT_FOUND, words),
            OidcFault::Provider(cause) => Self::new(code::SIGN_IN_SERVICE, words).caused_by(cause),
            _ => Self::new(code::CONFLICT, words),
        }
    }
}

/// Sends the browser to the sign-in page, which says what went wrong.
pub(super) fn to_sign_in(fault: OidcFault) -> Response {
    let place = format!("/sign-in?error={}", fault.code());
    let error = ApiError::from(fault);
    error.log();
    to(&place, cookie::clear())
}

/// Sends the browser back with what went wrong: to the page that somebody signed in came from, or to the sign-in page.
pub(super) fn back(failed: Failed) -> Response {
    let Some(page) = failed.return_to else { return to_sign_in(failed.fault) };
    let place = with_error(&page, failed.fault.code());
    ApiError::from(failed.fault).log();
    to(&place, cookie::clear())
}

/// The page's address with `sso_error` in its query.
fn with_error(page: &str, code: &str) -> String {
    let (page, fragment) = page.split_at(page.find('#').unwrap_or(page.len()));
    let sign = if page.contains('?') { '&' } else { '?' };
    format!("{page}{sign}sso_error={code}{fragment}")
}

/// Sends the browser on.
pub(super) fn to(place: &str, cookie: HeaderValue) -> Response {
    match HeaderValue::from_str(place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(LOCATION, place), (SET_COOKIE, cookie)]).into_response(),
        Err(error) => ApiError::internal(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::with_error;

    #[test]
    fn the_error_goes_into_the_query_whatever_the_page() {
        for (page, with) in [
            ("/users", "/users?sso_error=x"),
            ("/users?q=a", "/users?q=a&sso_error=x"),
            ("/users?q=a#top", "/users?q=a&sso_error=x#top"),
            ("/#a?b", "/?sso_error=x#a?b"),
        ] {
            assert_eq!(with_error(page, "x"), with);
        }
    }
}
