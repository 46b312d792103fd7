//! What the errors of single sign-on mean: on the wire, and for a browser that is on its way between two pages.

use axum::response::{IntoResponse, Response};
use contract::problem::code;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use services::oidc::OidcFault;

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

/// Sends the browser on.
pub(super) fn to(place: &str, cookie: HeaderValue) -> Response {
    match HeaderValue::from_str(place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(LOCATION, place), (SET_COOKIE, cookie)]).into_response(),
        Err(error) => ApiError::internal(error).into_response(),
    }
}
