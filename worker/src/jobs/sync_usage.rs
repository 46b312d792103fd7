//! Runs `sync-usage`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncUsageJob, run_usage_job};

pub(super) async fn run(ctx: &Context, job: SyncUsageJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_usage_job(ctx, &job, handle).await?)
}
