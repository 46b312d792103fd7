//! Jobs: list, the queue in numbers, detail, cancel, retry.

use contract::jobs::{JobDetailView, JobItemQuery, JobQuery, JobSummaryView, JobView};
use contract::page::Page;
use contract::paths;
use domain::ids::JobId;
use serde::de::IgnoredAny;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &JobQuery) -> Result<Page<JobView>, ApiError> {
    client::get_query(paths::JOBS, query).await
}

/// The queue in numbers.
pub async fn summary() -> Result<JobSummaryView, ApiError> {
    client::get(paths::JOB_SUMMARY).await
}

/// One job in full.
pub async fn detail(id: JobId) -> Result<JobDetailView, ApiError> {
    client::get(&paths::with_id(paths::JOB, id)).await
}

/// One job with a page of its items, where it has some, instead of all of them.
pub async fn page(id: JobId, query: &JobItemQuery) -> Result<JobDetailView, ApiError> {
    client::get_query(&paths::with_id(paths::JOB, id), query).await
}

/// Asks a job to stop.
pub async fn cancel(id: JobId) -> Result<(), ApiError> {
    client::post_empty::<IgnoredAny>(&paths::with_id(paths::JOB_CANCEL, id)).await.map(|_| ())
}

/// Tries a job again that is dead or cancelled.
pub async fn retry(id: JobId) -> Result<(), ApiError> {
    client::post_empty::<IgnoredAny>(&paths::with_id(paths::JOB_RETRY, id)).await.map(|_| ())
}
