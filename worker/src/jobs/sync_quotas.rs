//! Runs `sync-quotas`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncQuotasJob, run_quotas_job};

pub(super) async fn run(ctx: &Context, job: SyncQuotasJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_quotas_job(ctx, &job, handle).await?)
}
