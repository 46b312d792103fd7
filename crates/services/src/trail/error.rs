//! What can go wrong when events are read.

use domain::access::Forbidden;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed, or the cursor does not belong to this list.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
