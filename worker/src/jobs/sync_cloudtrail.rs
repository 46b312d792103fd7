//! Runs `sync-cloudtrail`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncCloudTrailJob, run_cloudtrail_job};

pub(super) async fn run(ctx: &Context, job: SyncCloudTrailJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_cloudtrail_job(ctx, &job, handle).await?)
}
