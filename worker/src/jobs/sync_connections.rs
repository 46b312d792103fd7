//! Runs `sync-connection-status`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncConnectionsJob, run_connections_job};

pub(super) async fn run(ctx: &Context, job: SyncConnectionsJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_connections_job(ctx, &job, handle).await?)
}
