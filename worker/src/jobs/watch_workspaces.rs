//! Runs `watch-workspaces`.

use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use services::sync::{WatchWorkspacesJob, watch_workspaces};

pub(super) async fn run(ctx: &Context, job: WatchWorkspacesJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    let api = services::accounts::connect(ctx, job.account_id, &job.region).await?;
    super::report(&watch_workspaces(ctx, api, &job, handle).await?)
}
