//! What the errors of personal data mean on the wire.

use services::privacy::PrivacyError;

use crate::error::ApiError;

impl From<PrivacyError> for ApiError {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::NotFound => Self::not_found("user"),
            PrivacyError::Forbidden(forbidden) => forbidden.into(),
            PrivacyError::StepUp(needed) => needed.into(),
            PrivacyError::Access(cause) => cause.into(),
            PrivacyError::Archive(cause) => Self::internal(cause),
            PrivacyError::Store(cause) => cause.into(),
        }
    }
}
