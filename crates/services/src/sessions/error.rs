//! What can go wrong with sessions.

use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
