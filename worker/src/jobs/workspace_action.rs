//! Runs `workspace-action`.

use serde_json::Value;
use services::Context;
use services::actions::{WorkspaceActionJob, run_workspace_action};
use services::run::{JobError, RunHandle};

pub(super) async fn run(ctx: &Context, job: WorkspaceActionJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_workspace_action(ctx, &job, handle).await?)
}
