//! The runners: one module for each kind of job, which reads the payload, calls the use case and gives its report as JSON.
//! What a job does is in `services`; how it is claimed, kept alive, retried and ended in `service.rs`.
//! To add a job: its payload in `services/<feature>/jobs.rs`, a module here, a line in [`run`] and in [`kinds`], and in
//! `services/schedules/table.rs` if it runs by itself.

mod audit;
mod backup;
mod budget_mail;
mod deliver_report;
mod probe;
mod prune;
mod report;
mod sync_billing;
mod sync_cloudtrail;
mod sync_connections;
mod sync_directories;
mod sync_images;
mod sync_prices;
mod sync_quotas;
mod sync_usage;
mod sync_workspaces;
mod watch_workspaces;
mod workspace_action;

use domain::ids::JobId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use services::Context;
use services::actions::WorkspaceActionJob;
use services::audit::{AuditCheckpointJob, AuditVerifyJob};
use services::backups::BackupJob;
use services::budgets::BudgetMailJob;
use services::jobs::PruneJob;
use services::reports::{DeliverReportJob, RunReportJob};
use services::run::{JobError, RunHandle};
use services::sync::{
    SyncBillingJob, SyncCloudTrailJob, SyncConnectionsJob, SyncDirectoriesJob, SyncImagesJob, SyncPricesJob,
    SyncQuotasJob, SyncUsageJob, SyncWorkspacesJob, WatchWorkspacesJob,
};

pub use probe::{AbortJob, NoopJob, PanicJob, SleepEffectJob};

/// What the runners are given.
#[derive(Clone)]
pub(crate) struct Runners {
    pub(crate) ctx: Context,
    /// Whether the probe kinds run; only for trials.
    pub(crate) probe: bool,
}

/// The kinds that this worker claims: those that [`run`] knows. While versions are mixed, what only a newer one knows
/// waits for the newer one, and loses no attempt here. Backups are for workers that have a folder for them.
pub(crate) fn kinds(probe: bool, backups: bool) -> Vec<String> {
    let real = [
        SyncWorkspacesJob::NAME,
        SyncDirectoriesJob::NAME,
        SyncConnectionsJob::NAME,
        SyncUsageJob::NAME,
        SyncCloudTrailJob::NAME,
        SyncBillingJob::NAME,
        SyncPricesJob::NAME,
        SyncImagesJob::NAME,
        SyncQuotasJob::NAME,
        WatchWorkspacesJob::NAME,
        WorkspaceActionJob::NAME,
        PruneJob::NAME,
        RunReportJob::NAME,
        DeliverReportJob::NAME,
        BudgetMailJob::NAME,
        AuditCheckpointJob::NAME,
        AuditVerifyJob::NAME,
    ];
    let trial = [NoopJob::NAME, SleepEffectJob::NAME, PanicJob::NAME, AbortJob::NAME];
    let trial = trial.into_iter().filter(|_| probe);
    let backup = backups.then_some(BackupJob::NAME);
    real.into_iter().chain(backup).chain(trial).map(str::to_owned).collect()
}

/// Runs one attempt of a job to its end.
pub(crate) async fn run(
    runners: &Runners,
    id: JobId,
    kind: &str,
    payload: &Value,
    handle: &dyn RunHandle,
) -> Result<Value, JobError> {
    let ctx = &runners.ctx;
    match kind {
        SyncWorkspacesJob::NAME => sync_workspaces::run(ctx, read(payload)?, handle).await,
        SyncDirectoriesJob::NAME => sync_directories::run(ctx, read(payload)?, handle).await,
        SyncConnectionsJob::NAME => sync_connections::run(ctx, read(payload)?, handle).await,
        SyncUsageJob::NAME => sync_usage::run(ctx, read(payload)?, handle).await,
        SyncCloudTrailJob::NAME => sync_cloudtrail::run(ctx, read(payload)?, handle).await,
        SyncBillingJob::NAME => sync_billing::run(ctx, read(payload)?, handle).await,
        SyncPricesJob::NAME => sync_prices::run(ctx, read(payload)?, handle).await,
        SyncImagesJob::NAME => sync_images::run(ctx, read(payload)?, handle).await,
        SyncQuotasJob::NAME => sync_quotas::run(ctx, read(payload)?, handle).await,
        WatchWorkspacesJob::NAME => watch_workspaces::run(ctx, read(payload)?, handle).await,
        WorkspaceActionJob::NAME => workspace_action::run(ctx, read(payload)?, handle).await,
        PruneJob::NAME => prune::run(ctx, read(payload)?, handle).await,
        RunReportJob::NAME => report::run(ctx, read(payload)?, handle).await,
        DeliverReportJob::NAME => deliver_report::run(ctx, read(payload)?, handle).await,
        BudgetMailJob::NAME => budget_mail::run(ctx, read(payload)?, handle).await,
        AuditCheckpointJob::NAME => audit::checkpoint(ctx, read(payload)?, handle).await,
        AuditVerifyJob::NAME => audit::verify(ctx, read(payload)?, handle).await,
        BackupJob::NAME => backup::run(ctx, read(payload)?, handle).await,
        NoopJob::NAME if runners.probe => Ok(Value::Null),
        SleepEffectJob::NAME if runners.probe => probe::run(ctx, id, read(payload)?, handle).await,
        PanicJob::NAME if runners.probe => probe::panic(&read(payload)?),
        AbortJob::NAME if runners.probe => probe::abort(),
        // Not claimed in the first place (see `kinds`).
        other => Err(JobError::retry(format!("this version does not know jobs of the kind {other:?}"))),
    }
}

fn read<T: DeserializeOwned>(payload: &Value) -> Result<T, JobError> {
    T::deserialize(payload).map_err(|error| JobError::fail(format!("the job's payload can't be read: {error}")))
}

fn report(report: &impl Serialize) -> Result<Value, JobError> {
    serde_json::to_value(report).map_err(|error| JobError::fail(format!("the job's report can't be written: {error}")))
}
