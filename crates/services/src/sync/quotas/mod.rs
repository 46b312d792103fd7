//! `sync-quotas`: how much AWS allows of each thing of WorkSpaces. There are tens of them, so it is one transaction, and an attempt
//! begins at the beginning.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::cloud::FleetApi;
use domain::workspace::ObservedQuota;
use store::repo::inventory;

use super::end::SyncDone;
use super::jobs::SyncQuotasJob;
use super::pages::PagesAhead;
use super::run::{FleetRun, SyncRun, fleet_api};
use crate::run::{JobError, RunHandle};
use crate::{Context, count};

const OPERATION: &str = "servicequotas:ListServiceQuotas";

/// Runs a `sync-quotas` job: connects, then [`sync_quotas`].
///
/// # Errors
/// As [`sync_quotas`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_quotas_job(ctx: &Context, job: &SyncQuotasJob, handle: &dyn RunHandle) -> Result<SyncDone, JobError> {
    sync_quotas(ctx, fleet_api(ctx, job).await?, job, handle).await
}

/// Reads the quotas of one account and region, and forgets those that AWS no longer shows.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when none could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_quotas(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &SyncQuotasJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let mut run = SyncRun::take_up(ctx, api, job, handle, ()).await?;
    let ended = read(&mut run).await;
    run.end(ended).await
}

/// Reads every page and writes them. What is gone is only known when all were read.
async fn read(run: &mut FleetRun<'_, ()>) -> Result<(), JobError> {
    run.handle.progress(0, None, "reading quotas").await;
    let pages = PagesAhead::start(run.api.clone(), OPERATION, None, |api, token| api.quota_page(token));
    let listed = pages.all().await;
    if listed.read {
        let before = run.mark();
        run.anything_read = true;
        let written = write(run, &listed.rows, listed.error.is_none()).await;
        run.or_back(before, written)?;
    }
    run.handle.check()?;
    match listed.error {
        Some(error) => run.broke_off(&error).await,
        None => Ok(()),
    }
}

async fn write(run: &mut FleetRun<'_, ()>, rows: &[ObservedQuota], whole: bool) -> Result<(), JobError> {
    let context = run.context();
    let tx = run.begin().await?;
    let written = inventory::quotas_apply(&tx, &context, rows).await?;
    let gone = if whole { inventory::quotas_forget(&tx, &context, rows).await? } else { 0 };
    (run.report.items_read, run.report.items_written, run.report.gone) = (count(rows.len()), written, gone);
    run.save(&tx).await?;
    // Whoever looks at the lists reads them again.
    let told = (written + gone > 0).then(|| run.fleet_changed(written + gone));
    run.commit(tx, told.as_slice()).await
}
