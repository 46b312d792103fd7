//! What the errors of both records mean on the wire.

use services::activity::ActivityError;

use crate::error::ApiError;

impl From<ActivityError> for ApiError {
    fn from(error: ActivityError) -> Self {
        match error {
            ActivityError::Forbidden(forbidden) => forbidden.into(),
            ActivityError::Store(cause) => cause.into(),
        }
    }
}
