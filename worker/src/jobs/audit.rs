//! Runs `audit-checkpoint` and `audit-verify`.

use serde_json::Value;
use services::Context;
use services::audit::{self, AuditCheckpointJob, AuditVerifyJob};
use services::run::{JobError, RunHandle};

pub(super) async fn checkpoint(ctx: &Context, _: AuditCheckpointJob, run: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&audit::checkpoint(ctx, run).await?)
}

pub(super) async fn verify(ctx: &Context, _: AuditVerifyJob, run: &dyn RunHandle) -> Result<Value, JobError> {
    super::report(&audit::verify_job(ctx, run).await?)
}
