//! The sync: what AWS shows of a fleet, brought into the database. `service.rs` is what people ask for, `reconcile.rs` the
//! run of one account and region with its phases (`inventory`, `places`, `connections`, `tags`), `watch.rs` the fast look at
//! what is on its way to another state. Not the calls to AWS (crate `aws`), nor the schedule (`worker/schedule.rs`).
//! To add a phase: a module with a function on [`reconcile`]'s run, a variant of its `Phase`, a count in the report.

mod connections;
pub mod error;
mod inventory;
pub mod jobs;
mod pages;
mod places;
pub mod problems;
pub mod reconcile;
pub mod service;
mod tags;
mod unreachable;
pub mod watch;

#[cfg(test)]
mod tests;

pub use error::SyncError;
pub use jobs::{SyncWorkspacesJob, WatchWorkspacesJob};
pub use reconcile::{SyncDone, close_run, run_sync_job, sync_workspaces};
pub use service::{list_sync_runs, sync_job, sync_now};
pub use store::repo::sync_runs::SyncRunRecord;
pub use watch::{Watched, watch_workspaces};
