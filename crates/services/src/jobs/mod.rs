//! Jobs as people look at them: list, detail, cancel, retry; and the queue's own housekeeping. What moves jobs is
//! `store::queue` and the worker.

pub mod error;
mod items;
#[expect(clippy::module_inception, reason = "every feature keeps its payloads in a file of this name")]
pub mod jobs;
mod prune;
pub mod service;

pub use error::JobsError;
pub(crate) use items::user_names;
pub use items::{JobItem, JobItemRequest, JobItems, job_items, name_items};
pub use jobs::PruneJob;
pub use prune::{PruneReport, prune};
pub use service::{JobDetail, JobFilter, JobSummary, cancel_job, fetch_job, job_summary, list_jobs, retry_job};
pub use store::repo::jobs::{JobAttemptRecord, JobLogRecord, JobRecord};
