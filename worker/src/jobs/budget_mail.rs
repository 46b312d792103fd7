//! Runs `budget-mail`.

use serde_json::Value;
use services::Context;
use services::budgets::{BudgetMailJob, send_budget_mail};
use services::run::{JobError, RunHandle};

pub(super) async fn run(ctx: &Context, job: BudgetMailJob, handle: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&send_budget_mail(ctx, handle, job).await?)
}
