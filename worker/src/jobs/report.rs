//! Runs `run-report`.

use serde_json::Value;
use services::Context;
use services::reports::{RunReportJob, run_report};
use services::run::{JobError, RunHandle};

pub(super) async fn run(ctx: &Context, job: RunReportJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&run_report(ctx, handle, job).await?)
}
