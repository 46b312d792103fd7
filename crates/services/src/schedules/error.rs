//! What can go wrong when schedules are looked at, changed or run.

use domain::access::{Forbidden, StepUpNeeded};
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// No such schedule.
    #[error("there is no such schedule")]
    NotFound,
    /// A period outside of the schedule's bounds.
    #[error("must be {least} to {most} seconds")]
    Period {
        /// The least, seconds.
        least: u64,
        /// The most, seconds.
        most: u64,
    },
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// What keeps watch over the audit log is changed only by somebody who just proved who they are.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
