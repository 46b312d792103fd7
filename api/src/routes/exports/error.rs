//! What the errors of exports mean on the wire, before the file began. Later ones break it off.

use std::time::Duration;

use contract::problem::code;
use services::exports::ExportError;

use crate::error::ApiError;

/// When to come back while so many are being made.
const PAUSE: Duration = Duration::from_secs(10);

impl From<ExportError> for ApiError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Forbidden(forbidden) => forbidden.into(),
            ExportError::NotFound(what) => Self::not_found(what),
            ExportError::Busy(words) => Self::new(code::RATE_LIMITED, words).retry_after(PAUSE),
            ExportError::Store(cause) => cause.into(),
            other => Self::internal(other),
        }
    }
}
