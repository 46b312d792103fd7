//! Runs `backup`.

use serde_json::Value;
use services::Context;
use services::backups::{BackupJob, backup_job};
use services::run::{JobError, RunHandle};

pub(super) async fn run(ctx: &Context, _: BackupJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&backup_job(ctx, handle).await?)
}
