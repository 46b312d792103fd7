//! Runs `prune`.

use serde_json::Value;
use services::Context;
use services::jobs::{PruneJob, prune};
use services::run::{JobError, RunHandle};

pub(super) async fn run(ctx: &Context, _: PruneJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&prune(ctx, handle).await?)
}
