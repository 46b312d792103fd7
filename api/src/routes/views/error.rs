//! What the errors of saved views mean on the wire.

use contract::problem::code;
use services::views::ViewError;

use crate::error::{ApiError, sentence};

impl From<ViewError> for ApiError {
    fn from(error: ViewError) -> Self {
        let words = error.to_string();
        match error {
            ViewError::NotFound => Self::not_found("view"),
            ViewError::Changed => Self::precondition_failed(),
            ViewError::NameTaken => Self::new(code::CONFLICT, sentence(&words)).field("name", "taken", words),
            ViewError::BlankName => Self::body_field("name", "required", words),
            ViewError::TooMany(_) => Self::new(code::CONFLICT, sentence(&words)),
            ViewError::NotYours => Self::new(code::FORBIDDEN, sentence(&words)),
            ViewError::Forbidden(forbidden) => forbidden.into(),
            ViewError::Store(cause) => cause.into(),
        }
    }
}
