//! `sync-directories`: every directory with its stage, and which of them AWS no longer shows. The same reading is the first
//! phase of `sync-workspaces`. There are tens of them, so it is one transaction, and an attempt begins at the beginning.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use domain::cloud::{CloudError, FleetApi};
use domain::jobs::LogLevel;
use domain::workspace::ObservedDirectory;
use store::repo::inventory;

use super::end::SyncDone;
use super::jobs::SyncDirectoriesJob;
use super::pages::{Listed, PagesAhead};
use super::run::{Checkpoint, FleetRun, SyncRun, fleet_api};
use crate::Context;
use crate::run::{JobError, RunHandle};

const DIRECTORIES: &str = "workspaces:DescribeWorkspaceDirectories";
const STAGES: &str = "ds:DescribeDirectories";

/// Runs a `sync-directories` job: connects, then [`sync_directories`].
///
/// # Errors
/// As [`sync_directories`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_directories_job(
    ctx: &Context,
    job: &SyncDirectoriesJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    sync_directories(ctx, fleet_api(ctx, job).await?, job, handle).await
}

/// Reads the directories of one account and region with their stages, and marks those that AWS no longer shows.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when none could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_directories(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &SyncDirectoriesJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let mut run = SyncRun::take_up(ctx, api, job, handle, ()).await?;
    let ended = phases(&mut run).await;
    run.end(ended).await
}

async fn phases(run: &mut FleetRun<'_, ()>) -> Result<(), JobError> {
    let found = read(run).await?;
    run.anything_read |= found.read;
    (run.report.items_read, run.report.items_written) = (run.report.directories, found.written);
    run.report.gone = found.gone;
    run.handle.check()?;
    match found.error {
        Some(error) => run.broke_off(&error).await,
        None => Ok(()),
    }
}

/// What reading the directories came to.
pub(super) struct Found {
    /// Whether a page was read.
    read: bool,
    /// New or different ones.
    written: u64,
    /// Ones that are no longer shown.
    gone: u64,
    /// Why the pages broke off.
    pub(super) error: Option<CloudError>,
}

/// Reads the directories and, where Directory Service answers, their stages; writes them. What has vanished is only known
/// when every page was read.
pub(super) async fn read<C: Checkpoint>(run: &mut FleetRun<'_, C>) -> Result<Found, JobError> {
    run.handle.progress(0, None, "reading directories").await;
    let pages = PagesAhead::start(run.api.clone(), DIRECTORIES, None, |api, token| api.directory_page(token));
    let Listed { rows: mut directories, read, error } = pages.all().await;
    let mut found = Found { read, written: 0, gone: 0, error };
    if !found.read {
        return Ok(found);
    }
    // Without any there is no stage to ask for.
    if !directories.is_empty() {
        let stages = stages(run).await;
        for directory in &mut directories {
            directory.stage = stages.get(&directory.aws_id).cloned();
        }
    }
    let before = run.mark();
    let written = write(run, &directories, found.error.is_none()).await;
    let (written, gone) = run.or_back(before, written)?;
    for aws_id in &gone {
        run.handle.log(LogLevel::Info, &format!("AWS no longer shows the directory {aws_id}.")).await;
    }
    (found.written, found.gone) = (written, u64::try_from(gone.len()).unwrap_or(u64::MAX));
    Ok(found)
}

async fn stages<C: Checkpoint>(run: &mut FleetRun<'_, C>) -> HashMap<String, String> {
    let pages = PagesAhead::start(run.api.clone(), STAGES, None, |api, token| api.directory_stage_page(token));
    let listed = pages.all().await;
    if let Some(error) = listed.error {
        run.problem(&error).await;
    }
    listed.rows.into_iter().collect()
}

async fn write<C: Checkpoint>(
    run: &mut FleetRun<'_, C>,
    directories: &[ObservedDirectory],
    whole: bool,
) -> Result<(u64, Vec<String>), JobError> {
    let context = run.context();
    run.report.directories = u64::try_from(directories.len()).unwrap_or(u64::MAX);
    let tx = run.begin().await?;
    let written = inventory::directories_apply(&tx, &context, directories).await?;
    let gone = if whole { inventory::directories_mark_gone(&tx, &context, directories).await? } else { Vec::new() };
    run.save(&tx).await?;
    run.commit(tx, &[]).await?;
    Ok((written, gone))
}
