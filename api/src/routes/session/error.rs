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
            IdentityError::ResetSpent => Self::new(code::LINK_SPENT, sentence(&words)),
            IdentityError::BadCode => Self::new(code::BAD_CODE, sentence(&words)),
            IdentityError::ChallengeOver => Self::new(code::CHALLENGE_OVER, sentence(&words)),
            IdentityError::TooManyTries { wait } => Self::new(code::RATE_LIMITED, sentence(&words)).retry_after(wait),
            IdentityError::SecondFactorOn | IdentityError::NoSecondFactor => {
                Self::new(code::CONFLICT, sentence(&words))
            }
            IdentityError::MailOff => Self::new(code::MAIL_OFF, sentence(&words)),
            IdentityError::WrongPassword => Self::body_field("current_password", "wrong", words),
            IdentityError::Changed => Self::precondition_failed(),
            IdentityError::NotFound => Self::not_found("user"),
            IdentityError::StepUp(needed) => needed.into(),
            IdentityError::Vault(cause) => cause.into(),
            IdentityError::Totp(cause) => Self::internal(cause),
            IdentityError::WeakPassword(weak) => Self::body_field("password", weak.code(), words),
            IdentityError::InvalidEmail => Self::body_field("email", "invalid", words),
            IdentityError::EmailTaken => Self::new(code::CONFLICT, sentence(&words)).field("email", "taken", words),
            IdentityError::Forbidden(forbidden) => forbidden.into(),
            IdentityError::Hashing(cause) => Self::internal(cause),
            IdentityError::Store(cause) => cause.into(),
        }
    }
}

/// A wrong code or password in that field, of somebody who is signed in: their session is as good as before, so that it is no 401.
pub(crate) fn not_proved(error: IdentityError, field: &str) -> ApiError {
    match error {
        IdentityError::BadCode | IdentityError::WrongPassword => {
            ApiError::body_field(field, "wrong", error.to_string())
        }
        error => error.into(),
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        let words = error.to_string();
        match error {
            SessionError::NotFound => Self::not_found("session"),
            SessionError::NoSuchUser => Self::not_found("user"),
            SessionError::NotProved => Self::body_field("password", "wrong", words),
            SessionError::Forbidden(forbidden) => forbidden.into(),
            SessionError::Hashing(cause) => Self::internal(cause),
            SessionError::Store(cause) => cause.into(),
        }
    }
}
