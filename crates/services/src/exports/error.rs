//! What can go wrong when a table is taken along.

use domain::access::Forbidden;
use store::StoreError;

use crate::access::AccessError;
use crate::accounts::AccountError;
use crate::activity::ActivityError;
use crate::assistant::AssistantError;
use crate::budgets::BudgetError;
use crate::cost::CostError;
use crate::jobs::JobsError;
use crate::keys::KeyError;
use crate::reports::ReportError;
use crate::requests::RequestError;
use crate::schedules::ScheduleError;
use crate::timeline::TimelineError;
use crate::usage::UsageError;
use crate::workspaces::WorkspaceError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such thing to take along, or the actor may not see it.
    #[error("there is no such {0}")]
    NotFound(&'static str),
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
}

/// What a list refuses, its export refuses too. A list does not fail with the rest, which is about changes.
macro_rules! from_lists {
    ($($error:ident),+ $(,)?) => {
        $(impl From<$error> for ExportError {
            fn from(error: $error) -> Self {
                match error {
                    $error::Forbidden(forbidden) => forbidden.into(),
                    $error::Store(error) => error.into(),
                    other => Self::file(other),
                }
            }
        })+
    };
}

from_lists!(
    AccessError,
    AccountError,
    AssistantError,
    BudgetError,
    CostError,
    JobsError,
    KeyError,
    RequestError,
    ScheduleError
);

/// The same of what is only read: nothing else can go wrong.
macro_rules! from_reads {
    ($($error:ident),+ $(,)?) => {
        $(impl From<$error> for ExportError {
            fn from(error: $error) -> Self {
                match error {
                    $error::Forbidden(forbidden) => forbidden.into(),
                    $error::Store(error) => error.into(),
                }
            }
        })+
    };
}

from_reads!(ActivityError, UsageError, WorkspaceError);

impl From<TimelineError> for ExportError {
    fn from(error: TimelineError) -> Self {
        match error {
            TimelineError::Forbidden(forbidden) => forbidden.into(),
            TimelineError::NotFound => Self::NotFound("WorkSpace"),
            TimelineError::Store(error) => error.into(),
        }
    }
}

impl From<ReportError> for ExportError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Forbidden(forbidden) => forbidden.into(),
            ReportError::NotFound(what) => Self::NotFound(what),
            ReportError::Store(error) => error.into(),
            other => Self::file(other),
        }
    }
}
