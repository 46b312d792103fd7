//! What the errors of events mean on the wire.

use services::trail::TrailError;

use crate::error::ApiError;

impl From<TrailError> for ApiError {
    fn from(error: TrailError) -> Self {
        match error {
            TrailError::Forbidden(forbidden) => forbidden.into(),
            TrailError::Store(cause) => cause.into(),
        }
    }
}
