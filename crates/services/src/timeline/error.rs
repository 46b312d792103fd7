//! What can go wrong when a timeline is read.

use domain::access::Forbidden;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum TimelineError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such WorkSpace, or the actor may not see it.
    #[error("there is no such WorkSpace")]
    NotFound,
    /// The database failed, or the cursor does not belong to this timeline.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
