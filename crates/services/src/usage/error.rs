//! What can go wrong when usage is read.

use domain::access::Forbidden;
use store::StoreError;

use crate::workspaces::WorkspaceError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<WorkspaceError> for UsageError {
    fn from(error: WorkspaceError) -> Self {
        match error {
            WorkspaceError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            WorkspaceError::Store(error) => Self::Store(error),
        }
    }
}
