//! The syncs: what AWS knows of a fleet, brought into the database, one data set at a time. `service.rs` is what people ask
//! for, `jobs.rs` the payloads, `run.rs` and `end.rs` what the runs of all data sets share, and each data set has a folder:
//! `workspaces` (the inventory, and the fast look at what moves) and the folders beside it. Not the calls to AWS (crate
//! `aws`), nor the schedule (`worker/schedule.rs`).
//! To add a data set: see `run.rs`; then its payload in `jobs.rs`, its runner in `worker/jobs`.

pub mod billing;
pub mod connections;
mod coverage;
pub mod directories;
mod end;
pub mod error;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod follow_up_tests;
pub mod images;
pub mod jobs;
mod listed;
mod pages;
mod planned;
pub mod prices;
pub mod problems;
pub mod quotas;
mod run;
pub mod service;
pub mod trail;
mod unreachable;
pub mod usage;
pub mod workspaces;

pub use billing::{run_billing_job, sync_billing};
pub use connections::{run_connections_job, sync_connections};
pub use directories::{run_directories_job, sync_directories};
pub use end::{SyncDone, cancel_run, close_run};
pub use error::SyncError;
pub use images::{run_images_job, sync_images};
pub use jobs::{
    SyncBillingJob, SyncCloudTrailJob, SyncConnectionsJob, SyncDirectoriesJob, SyncImagesJob, SyncPricesJob,
    SyncQuotasJob, SyncUsageJob, SyncWorkspacesJob, WatchWorkspacesJob,
};
pub use prices::{run_prices_job, sync_prices};
pub use quotas::{run_quotas_job, sync_quotas};
pub use service::{BILLING_REGION, list_sync_runs, sync_job, sync_jobs, sync_now, sync_now_once};
pub use store::repo::sync_runs::SyncRunRecord;
pub use trail::{run_cloudtrail_job, sync_cloudtrail};
pub use usage::{run_usage_job, sync_usage};
pub use workspaces::watch::{self, Watched, watch_workspaces};
pub use workspaces::{run_sync_job, sync_workspaces};
