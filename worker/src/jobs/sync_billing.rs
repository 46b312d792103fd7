//! Runs `sync-billing`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncBillingJob, run_billing_job};

pub(super) async fn run(ctx: &Context, job: SyncBillingJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_billing_job(ctx, &job, handle).await?)
}
