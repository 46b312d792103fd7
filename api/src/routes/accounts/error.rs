//! What the errors of accounts and of asking for a sync mean on the wire.

use contract::problem::code;
use services::accounts::AccountError;
use services::sync::SyncError;

use crate::error::{ApiError, sentence};

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        let words = error.to_string();
        match error {
            AccountError::Invalid { field, code, message } => Self::body_field(field, code, message),
            AccountError::NameTaken => Self::new(code::CONFLICT, sentence(&words)).field("name", "taken", words),
            AccountError::NotFound => Self::not_found("account"),
            AccountError::Forbidden(forbidden) => forbidden.into(),
            AccountError::Cloud(cause) => Self::new(code::CLOUD, sentence(&words)).caused_by(cause),
            AccountError::Vault(cause) => cause.into(),
            AccountError::Store(cause) => cause.into(),
        }
    }
}

impl From<SyncError> for ApiError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::NotFound => Self::not_found("account"),
            SyncError::Forbidden(forbidden) => forbidden.into(),
            SyncError::Store(cause) => cause.into(),
        }
    }
}
