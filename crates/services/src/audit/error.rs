//! What can go wrong with the audit log.

use domain::access::Forbidden;
use store::StoreError;

use super::seal::SealError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The chain is not as it should be, so that its end is not signed and nothing of it is removed.
    #[error("the audit log is not as it should be: {0}")]
    Broken(String),
    /// Keys, signatures or the files of checkpoints.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
