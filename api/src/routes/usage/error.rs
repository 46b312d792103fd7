//! What the errors of usage mean on the wire.

use services::usage::UsageError;

use crate::error::ApiError;

impl From<UsageError> for ApiError {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Forbidden(forbidden) => forbidden.into(),
            UsageError::Store(cause) => cause.into(),
        }
    }
}
