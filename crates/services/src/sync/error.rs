//! What can go wrong when a sync is asked for. What goes wrong inside one is in its report (`domain::sync::SyncProblem`).

use domain::access::Forbidden;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// No such account.
    #[error("there is no such account")]
    NotFound,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
