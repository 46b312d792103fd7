//! What the errors of identity mean on the wire.

use contract::problem::code;
use services::identity::IdentityError;
use services::sessions::SessionError;

use crate::error::{ApiError, sentence};

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        let words = error.to_string();
        match error {
            IdentityError::BadCredentials => Self::new(code::BAD_CREDENTIALS, sentence(&words)),
            IdentityError::LinkSpent => Self::new(code::LINK_SPENT, sentence(&words)),
            IdentityError::WeakPassword(weak) => Self::body_field("password", weak.code(), words),
            IdentityError::InvalidEmail => Self::body_field("email", "invalid", words),
            IdentityError::EmailTaken => Self::new(code::CONFLICT, sentence(&words)).field("email", "taken", words),
            IdentityError::Forbidden(forbidden) => forbidden.into(),
            IdentityError::Hashing(cause) => Self::internal(cause),
            IdentityError::Store(cause) => cause.into(),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(cause) => cause.into(),
        }
    }
}
