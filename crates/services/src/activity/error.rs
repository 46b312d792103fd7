//! What can go wrong when both records are read.

use domain::access::Forbidden;
use store::StoreError;

use crate::trail::TrailError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ActivityError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed, or the cursor does not belong to this list.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<TrailError> for ActivityError {
    fn from(error: TrailError) -> Self {
        match error {
            TrailError::Forbidden(forbidden) => forbidden.into(),
            TrailError::Store(error) => error.into(),
        }
    }
}
