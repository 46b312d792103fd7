//! What can go wrong when something is found out.

use domain::access::Forbidden;
use store::StoreError;

use crate::audit::AuditError;
use crate::cost::CostError;
use crate::data_sets::DataSetError;
use crate::jobs::JobsError;
use crate::trail::TrailError;
use crate::usage::UsageError;
use crate::workspaces::WorkspaceError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The actor may not. A whole run turns it into an answer.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// A use case failed for a reason of its own.
    #[error("what was asked could not be read")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Keeps what every use case has in common apart from what is its own.
macro_rules! from_use_case {
    ($($error:ident),+) => {$(
        impl From<$error> for ToolError {
            fn from(error: $error) -> Self {
                match error {
                    $error::Forbidden(forbidden) => Self::Forbidden(forbidden),
                    $error::Store(error) => Self::Store(error),
                    other => Self::Failed(other.into()),
                }
            }
        }
    )+};
}

from_use_case!(AuditError, CostError, JobsError);

/// The same for those that fail in no other way.
macro_rules! from_plain_use_case {
    ($($error:ident),+) => {$(
        impl From<$error> for ToolError {
            fn from(error: $error) -> Self {
                match error {
                    $error::Forbidden(forbidden) => Self::Forbidden(forbidden),
                    $error::Store(error) => Self::Store(error),
                }
            }
        }
    )+};
}

from_plain_use_case!(DataSetError, TrailError, UsageError, WorkspaceError);
