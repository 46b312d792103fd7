//! Runs `sync-prices`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncPricesJob, run_prices_job};

pub(super) async fn run(ctx: &Context, job: SyncPricesJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_prices_job(ctx, &job, handle).await?)
}
