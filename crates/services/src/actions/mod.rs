//! Actions on WorkSpaces: what can be done and why not (`plan.rs`), asking for it (`service.rs`), doing it (`run.rs`).
//! The guards themselves are `domain::workspace::rules`.

pub mod error;
pub mod jobs;
pub mod plan;
pub mod run;
pub mod service;

#[cfg(test)]
mod tests;

pub use error::ActionError;
pub use jobs::{ActionTarget, WorkspaceActionJob};
pub use plan::{ActionItem, ActionPlan};
pub(crate) use run::done_so_far;
pub use run::{ActionOutcome, ActionReport, run_workspace_action};
pub(crate) use service::may_repeat;
pub use service::{plan_action, request_action, request_action_once};
