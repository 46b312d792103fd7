//! `sync-workspaces`: the inventory of one account and region, in phases: directories, WorkSpaces (`inventory`), what has
//! gone, `bundles`, connections, `tags`. `watch` is the fast look at what is on its way to another state.
//! To add a phase: a module with a function on the run, a variant of [`Phase`], a count in the report.

mod bundles;
mod inventory;
mod tags;
#[cfg(test)]
mod tests;
pub mod watch;

use std::sync::Arc;

use domain::cloud::FleetApi;
use serde::{Deserialize, Serialize};

use super::connections::{self, Paged};
use super::directories;
use super::end::SyncDone;
use super::jobs::SyncWorkspacesJob;
use super::run::{FleetRun, SyncRun, fleet_api};
use crate::Context;
use crate::run::{JobError, RunHandle};

/// The phases, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Directories,
    Workspaces,
    Gone,
    Bundles,
    Connections,
    Tags,
}

/// Where a next attempt goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct At {
    phase: Phase,
    /// In a phase with pages: the page to read next.
    next_token: Option<String>,
    /// Whether every WorkSpaces page was read; without that nothing is marked as gone.
    whole: bool,
}

impl Paged for At {
    fn next_token(&mut self) -> &mut Option<String> {
        &mut self.next_token
    }
}

/// A run of the inventory. What it is about are the WorkSpaces: `anything_read` says whether a page of them was read.
type Run<'a> = FleetRun<'a, At>;

/// Runs a `sync-workspaces` job: connects, then [`sync_workspaces`]. Without credentials the run says so and fails.
///
/// # Errors
/// As [`sync_workspaces`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_sync_job(
    ctx: &Context,
    job: &SyncWorkspacesJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    sync_workspaces(ctx, fleet_api(ctx, job).await?, job, handle).await
}

/// Reads the inventory of one account and region: directories, WorkSpaces, what has gone, bundles, connections, tags.
///
/// What one phase can't read is in the report and the next phases go on. When the WorkSpaces themselves break off for a
/// passing reason, what was read stays, nothing is marked as gone, and the job is to be tried again from there.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when nothing could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_workspaces(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &SyncWorkspacesJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let start = At { phase: Phase::Directories, next_token: None, whole: false };
    let mut run = SyncRun::take_up(ctx, api, job, handle, start).await?;
    let ended = phases(&mut run).await;
    run.end(ended).await
}

async fn phases(run: &mut Run<'_>) -> Result<(), JobError> {
    if run.at.phase == Phase::Directories {
        if let Some(error) = directories::read(run).await?.error {
            run.problem(&error).await;
        }
        begin(run, Phase::Workspaces).await?;
    }
    if run.at.phase == Phase::Workspaces {
        // An attempt that ended between the last page and the next phase has read them all.
        if !run.at.whole {
            inventory::read(run).await?;
        }
        let next = if run.at.whole { Phase::Gone } else { Phase::Bundles };
        begin(run, next).await?;
    }
    if run.at.phase == Phase::Gone {
        inventory::gone(run).await?;
    }
    if run.at.phase == Phase::Bundles {
        bundles::read(run).await?;
        begin(run, Phase::Connections).await?;
    }
    if run.at.phase == Phase::Connections {
        // Of a fleet that was not read nobody is known whose connection could be told.
        if (run.anything_read || run.report.seen > 0)
            && let Some(error) = connections::read(run).await?
        {
            // An attempt of its own is not worth it: the next run reads them again.
            run.problem(&error).await;
        }
        begin(run, Phase::Tags).await?;
    }
    tags::read(run).await
}

async fn begin(run: &mut Run<'_>, phase: Phase) -> Result<(), JobError> {
    run.enter(|at| (at.phase, at.next_token) = (phase, None)).await
}
