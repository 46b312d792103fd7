//! Runs `sync-workspaces`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncWorkspacesJob, run_sync_job};

pub(super) async fn run(ctx: &Context, job: SyncWorkspacesJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_sync_job(ctx, &job, handle).await?)
}
