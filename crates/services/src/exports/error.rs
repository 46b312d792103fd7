//! What can go wrong when a table is taken along.

use domain::access::Forbidden;
use store::StoreError;

use crate::cost::CostError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// So many are being made already.
    #[error("{0}")]
    Busy(&'static str),
    /// The file could not be made.
    #[error("the file could not be made: {0}")]
    File(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It took longer than an export may.
    #[error("the export took too long")]
    TooLong,
    /// What made it is gone.
    #[error("the export was given up")]
    GivenUp,
    /// The database failed, or the cursor does not belong to this table.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl ExportError {
    /// The file could not be made, because of this.
    pub(crate) fn file(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::File(cause.into())
    }

    /// What can go wrong when costs are read.
    pub(crate) fn of_costs(error: CostError) -> Self {
        match error {
            CostError::Forbidden(forbidden) => forbidden.into(),
            CostError::Store(error) => error.into(),
            other => Self::file(other),
        }
    }
}
