//! What the errors of API keys mean on the wire.

use contract::problem::code;
use services::keys::KeyError;

use crate::error::{ApiError, sentence};

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        let words = error.to_string();
        match error {
            KeyError::NotFound => Self::not_found("key"),
            KeyError::NoSuchUser => Self::not_found("user"),
            KeyError::NotYours => Self::new(code::FORBIDDEN, sentence(&words)),
            KeyError::TooMany(_) | KeyError::Ended => Self::new(code::CONFLICT, sentence(&words)),
            KeyError::NoName => Self::body_field("name", "missing", words),
            KeyError::NoPermissions => Self::body_field("permissions", "missing", words),
            KeyError::Changed => Self::precondition_failed(),
            KeyError::Forbidden(forbidden) => forbidden.into(),
            KeyError::StepUp(needed) => needed.into(),
            KeyError::Store(cause) => cause.into(),
        }
    }
}
