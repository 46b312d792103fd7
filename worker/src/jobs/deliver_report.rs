//! Runs `deliver-report`.

use serde_json::Value;
use services::Context;
use services::reports::{DeliverReportJob, deliver_report};
use services::run::{JobError, RunHandle};

pub(super) async fn run(ctx: &Context, job: DeliverReportJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&deliver_report(ctx, handle, job).await?)
}
