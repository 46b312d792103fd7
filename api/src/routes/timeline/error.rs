//! What the errors of a timeline mean on the wire.

use services::timeline::TimelineError;

use crate::error::ApiError;

impl From<TimelineError> for ApiError {
    fn from(error: TimelineError) -> Self {
        match error {
            TimelineError::Forbidden(forbidden) => forbidden.into(),
            TimelineError::NotFound => Self::not_found("WorkSpace"),
            TimelineError::Store(cause) => cause.into(),
        }
    }
}
