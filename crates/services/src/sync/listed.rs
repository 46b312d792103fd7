//! Data sets that are one short list of AWS's: images, quotas. There are tens of rows, so the whole list is one transaction, and
//! an attempt begins at the beginning. Not directories, whose rows come from two lists (`directories`), nor lists of thousands
//! (`inventory`).
//!
//! To add one: a [`Listing`], and a `run_…_job` that connects and calls [`sync`].

use std::sync::Arc;

use domain::cloud::{CloudError, CloudPage, FleetApi};
use futures::future::BoxFuture;
use store::repo::inventory::SyncContext;
use store::{StoreError, Tx};

use super::end::SyncDone;
use super::jobs::SyncJob;
use super::pages::{Listed, PagesAhead};
use super::run::{FleetRun, SyncRun};
use crate::run::{JobError, RunHandle};
use crate::{Context, count};

/// A short list of one account and region.
pub(super) trait Listing: 'static {
    /// One of its rows, as AWS shows it.
    type Row: Send + Sync + 'static;
    /// The call that lists them, as in AWS's permissions.
    const OPERATION: &'static str;
    /// What is told while it is read.
    const READING: &'static str;

    /// One page, from where `token` points.
    fn page<'a>(
        api: &'a (dyn FleetApi + 'static),
        token: Option<String>,
    ) -> BoxFuture<'a, Result<CloudPage<Self::Row>, CloudError>>;

    /// Brings the rows in. Gives how many are new or changed.
    fn apply<'a>(tx: &'a Tx, context: &'a SyncContext, rows: &'a [Self::Row])
    -> BoxFuture<'a, Result<u64, StoreError>>;

    /// Forgets what is not among the rows, which are the whole list. Gives how many are gone.
    fn forget<'a>(
        tx: &'a Tx,
        context: &'a SyncContext,
        rows: &'a [Self::Row],
    ) -> BoxFuture<'a, Result<u64, StoreError>>;
}

/// Reads a list of one account and region, and forgets what AWS no longer shows.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when nothing could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub(super) async fn sync<L: Listing>(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &impl SyncJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let mut run = SyncRun::take_up(ctx, api, job, handle, ()).await?;
    let ended = read::<L>(&mut run).await;
    run.end(ended).await
}

/// Reads every page and writes them. What is gone is only known when all were read.
async fn read<L: Listing>(run: &mut FleetRun<'_, ()>) -> Result<(), JobError> {
    run.handle.progress(0, None, L::READING).await;
    let listed = PagesAhead::start(run.api.clone(), L::OPERATION, None, L::page).all().await;
    if listed.read {
        let before = run.mark();
        run.anything_read = true;
        let written = write::<L>(run, &listed).await;
        run.or_back(before, written)?;
    }
    run.handle.check()?;
    match listed.error {
        Some(error) => run.broke_off(&error).await,
        None => Ok(()),
    }
}

async fn write<L: Listing>(run: &mut FleetRun<'_, ()>, listed: &Listed<L::Row>) -> Result<(), JobError> {
    let context = run.context();
    let tx = run.begin().await?;
    let written = L::apply(&tx, &context, &listed.rows).await?;
    let gone = if listed.error.is_none() { L::forget(&tx, &context, &listed.rows).await? } else { 0 };
    (run.report.items_read, run.report.items_written, run.report.gone) = (count(listed.rows.len()), written, gone);
    run.save(&tx).await?;
    // Whoever looks at the lists reads them again.
    let told = (written + gone > 0).then(|| run.fleet_changed(written + gone));
    run.commit(tx, told.as_slice()).await
}
