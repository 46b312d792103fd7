//! What can go wrong when jobs are looked at, cancelled or retried. Not how a job itself fails (`crate::run::JobError`).

use domain::access::{Forbidden, StepUpNeeded};
use domain::jobs::JobState;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// No such job.
    #[error("there is no such job")]
    NotFound,
    /// Its state does not allow it.
    #[error("the job is {state}; {needed}")]
    WrongState {
        /// Where it stands.
        state: JobState,
        /// What would be needed, in words.
        needed: &'static str,
    },
    /// It takes away what somebody has, and the actor did not prove lately who they are.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
