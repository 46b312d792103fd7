//! What the errors of jobs mean on the wire.

use contract::problem::code;
use services::jobs::JobsError;

use crate::error::{ApiError, sentence};

impl From<JobsError> for ApiError {
    fn from(error: JobsError) -> Self {
        let words = error.to_string();
        match error {
            JobsError::NotFound => Self::not_found("job"),
            JobsError::WrongState { .. } => Self::new(code::CONFLICT, sentence(&words)),
            JobsError::StepUp(needed) => needed.into(),
            JobsError::Forbidden(forbidden) => forbidden.into(),
            JobsError::Store(cause) => cause.into(),
        }
    }
}
