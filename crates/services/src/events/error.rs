//! What can go wrong when events are read.

use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
