//! Runs `sync-images`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{SyncImagesJob, run_images_job};

pub(super) async fn run(ctx: &Context, job: SyncImagesJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_images_job(ctx, &job, handle).await?)
}
