//! What can go wrong when an action is asked for. What becomes of each WorkSpace is in the plan.

use domain::access::{Forbidden, StepUpNeeded};
use domain::workspace::order::OrderFault;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// No WorkSpace was named.
    #[error("name at least one WorkSpace")]
    Empty,
    /// Too many WorkSpaces in one request.
    #[error("one request may name at most {most} WorkSpaces; this one names {given}")]
    TooMany {
        /// How many were named, each counted once.
        given: usize,
        /// The most there may be.
        most: usize,
    },
    /// A value of the order makes no sense.
    #[error(transparent)]
    Values(#[from] OrderFault),
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
