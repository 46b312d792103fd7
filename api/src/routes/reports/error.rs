//! What the errors of reports mean on the wire.

use std::time::Duration;

use contract::problem::code;
use services::reports::ReportError;

use crate::error::{ApiError, sentence};

/// After this long a place for files is asked again.
const PAUSE: Duration = Duration::from_secs(30);

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NotFound(what) => Self::not_found(what),
            ReportError::Changed => Self::precondition_failed(),
            ReportError::Conflict(words) => Self::new(code::CONFLICT, sentence(&words)),
            ReportError::Field { field, code, message } => Self::body_field(field, code, message),
            ReportError::Forbidden(forbidden) => forbidden.into(),
            ReportError::Export(cause) => cause.into(),
            ReportError::Store(cause) => cause.into(),
            ReportError::Vault(cause) => cause.into(),
            ReportError::Artefacts(cause) => {
                Self::unavailable("The place where files are kept does not give it now. Try again shortly.", PAUSE)
                    .caused_by(cause)
            }
        }
    }
}
