//! Schedules: list, change, run now.

use contract::accounts::StartedJobsView;
use contract::paths;
use contract::schedules::{ScheduleView, SchedulesView, UpdateScheduleRequest};

use super::{ApiError, client};

/// The schedules.
pub async fn list() -> Result<SchedulesView, ApiError> {
    client::get(paths::SCHEDULES).await
}

/// Changes one.
pub async fn update(name: &str, request: &UpdateScheduleRequest) -> Result<ScheduleView, ApiError> {
    client::patch(&paths::with_id(paths::SCHEDULE, name), request).await
}

/// Runs everything of one now.
pub async fn run(name: &str) -> Result<StartedJobsView, ApiError> {
    client::post_empty(&paths::with_id(paths::SCHEDULE_RUN, name)).await
}
