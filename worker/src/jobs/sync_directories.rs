//! Runs `sync-directories`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncDirectoriesJob, run_directories_job};

pub(super) async fn run(ctx: &Context, job: SyncDirectoriesJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_directories_job(ctx, &job, handle).await?)
}
