//! `sync-connection-status`: who is connected, and when somebody was last. The same reading is a phase of `sync-workspaces`.
//! The pattern for a reconciler with pages: a checkpoint that holds the next page, batches written with it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::cloud::{CloudError, FleetApi};
use domain::jobs::LogLevel;
use domain::sync::SyncKind;
use domain::workspace::ObservedConnection;
use serde::{Deserialize, Serialize};
use store::repo::inventory;

use super::end::SyncDone;
use super::jobs::SyncConnectionsJob;
use super::pages::{Batch, PagesAhead};
use super::problems::token_refused;
use super::run::{Checkpoint, FleetRun, SyncRun, fleet_api};
use crate::Context;
use crate::run::{JobError, RunHandle};

const OPERATION: &str = "workspaces:DescribeWorkspacesConnectionStatus";

/// Where a next attempt goes on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct At {
    next_token: Option<String>,
}

/// A checkpoint that holds the page to read next.
pub(super) trait Paged {
    /// The page; `None` for the first.
    fn next_token(&mut self) -> &mut Option<String>;
}

impl Paged for At {
    fn next_token(&mut self) -> &mut Option<String> {
        &mut self.next_token
    }
}

/// Runs a `sync-connection-status` job: connects, then [`sync_connections`].
///
/// # Errors
/// As [`sync_connections`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_connections_job(
    ctx: &Context,
    job: &SyncConnectionsJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    sync_connections(ctx, fleet_api(ctx, job).await?, job, handle).await
}

/// Reads the connection states of one account and region. WorkSpaces that are not known (the inventory has not seen them
/// yet) are counted as skipped.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when nothing could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_connections(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &SyncConnectionsJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let mut run = SyncRun::take_up(ctx, api, job, handle, At::default()).await?;
    let ended = phases(&mut run).await;
    run.end(ended).await
}

async fn phases(run: &mut FleetRun<'_, At>) -> Result<(), JobError> {
    match read(run).await? {
        Some(error) => run.broke_off(&error).await,
        None => Ok(()),
    }
}

/// Reads and writes the connection states, from where the last attempt stopped. Gives why the pages broke off.
pub(super) async fn read<C: Checkpoint + Paged>(run: &mut FleetRun<'_, C>) -> Result<Option<CloudError>, JobError> {
    let mut resumed = run.at.next_token().is_some();
    'begin: loop {
        let token = run.at.next_token().clone();
        if token.is_none() {
            // From the first page on, whatever an earlier attempt has counted.
            run.report.connections = 0;
            if run.kind == SyncKind::Connections {
                (run.report.items_read, run.report.skipped) = (0, 0);
            }
        }
        let mut pages = PagesAhead::start(run.api.clone(), OPERATION, token, |api, token| api.connection_page(token));
        while let Some(batch) = pages.next().await {
            take(run, &batch).await?;
            resumed &= !batch.read;
            run.handle.check()?;
            match batch.error {
                None => {}
                // Only the first page after an interruption can meet this; what is read again is written again.
                Some(error) if resumed && token_refused(&error) => {
                    resumed = false;
                    *run.at.next_token() = None;
                    continue 'begin;
                }
                Some(error) => return Ok(Some(error)),
            }
        }
        return Ok(None);
    }
}

/// Counts and writes a batch; nothing is counted that was not written.
async fn take<C: Checkpoint + Paged>(
    run: &mut FleetRun<'_, C>,
    batch: &Batch<ObservedConnection>,
) -> Result<(), JobError> {
    for row in &batch.rows {
        if let Some(message) = run.unknown.connection(&mut run.report, row) {
            run.handle.log(LogLevel::Warn, &message).await;
        }
    }
    if !batch.read {
        return Ok(());
    }
    let before = run.mark();
    let rows = u64::try_from(batch.rows.len()).unwrap_or(u64::MAX);
    run.report.connections += rows;
    run.at.next_token().clone_from(&batch.next_token);
    if run.kind == SyncKind::Connections {
        run.anything_read = true;
        run.report.items_read += rows;
    }
    let written = write(run, &batch.rows).await;
    run.or_back(before, written)?;
    let total = (run.kind == SyncKind::Workspaces).then_some(run.report.seen);
    run.handle.progress(run.report.connections, total, "connection states read").await;
    Ok(())
}

/// Writes a batch with its event and the checkpoint in one transaction.
async fn write<C: Checkpoint + Paged>(run: &mut FleetRun<'_, C>, rows: &[ObservedConnection]) -> Result<(), JobError> {
    let context = run.context();
    let tx = run.begin().await?;
    let changed = inventory::connections_apply(&tx, &context, rows).await?;
    if run.kind == SyncKind::Connections {
        run.report.items_written += changed;
        run.report.skipped += inventory::connections_unknown(&tx, &context, rows).await?;
    }
    run.save(&tx).await?;
    let told = [run.fleet_changed(changed)];
    run.commit(tx, if changed > 0 { &told } else { &[] }).await
}
