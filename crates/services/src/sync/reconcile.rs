//! One run of `sync-workspaces` for one account and region: its phases in order, where it goes on after an interruption,
//! and how it ends.
//!
//! A run is a row (`sync_run`) with its report and its checkpoint, written in the transaction of each batch: an attempt
//! that follows a crash, a retry or a hand-over takes up the open run of its job exactly where the last batch was
//! committed. Everything it does may be done twice.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::cloud::{CloudError, FleetApi};
use domain::event::Event;
use domain::ids::{AccountId, JobId, Region, SyncRunId};
use domain::jobs::LogLevel;
use domain::sync::{SyncKind, SyncOutcome, SyncProblem, SyncReport};
use serde::{Deserialize, Serialize};
use store::repo::accounts::{self, RegionStatus};
use store::repo::{events, sync_runs};
use store::{StoreError, Tx};

use super::jobs::SyncWorkspacesJob;
use super::problems::{self, UnknownValues};
use super::unreachable::Unreachable;
use crate::Context;
use crate::run::{JobError, RunHandle};

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct SyncDone {
    /// The run.
    pub run_id: SyncRunId,
    /// Whole, partial or failed.
    pub outcome: SyncOutcome,
    /// Counts and problems.
    pub report: SyncReport,
}

/// The phases, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Directories,
    Workspaces,
    Gone,
    Bundles,
    Connections,
    Tags,
}

/// Where a next attempt goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) phase: Phase,
    /// In a phase with pages: the page to read next.
    pub(super) next_token: Option<String>,
    /// Whether every WorkSpaces page was read; without that nothing is marked as gone.
    pub(super) inventory_whole: bool,
    /// Whether at least one WorkSpaces page was read.
    pub(super) inventory_read: bool,
    /// Why the last attempt broke off; part of the report only if there is no next one.
    pub(super) broke_off: Option<SyncProblem>,
}

/// A run under way.
pub(super) struct Run<'a> {
    pub(super) ctx: &'a Context,
    pub(super) api: Arc<dyn FleetApi>,
    pub(super) account: AccountId,
    pub(super) region: &'a Region,
    pub(super) handle: &'a dyn RunHandle,
    pub(super) id: SyncRunId,
    pub(super) at: Checkpoint,
    pub(super) report: SyncReport,
    pub(super) unknown: UnknownValues,
    /// Calls of earlier attempts.
    calls_before: u64,
    /// Calls the handle had made before this attempt.
    calls_base: u64,
}

/// Runs a `sync-workspaces` job: connects, then [`sync_workspaces`]. Without credentials the run says so and fails.
///
/// # Errors
/// As [`sync_workspaces`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_sync_job(
    ctx: &Context,
    job: &SyncWorkspacesJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let account = accounts::account_fetch(&ctx.db, job.account_id).await?;
    let account = account.ok_or_else(|| JobError::fail("the account is no longer connected"))?;
    let api = match ctx.cloud.connect(&account.aws_access(), &job.region).await {
        Ok(api) => api,
        Err(error) => Arc::new(Unreachable(error)),
    };
    sync_workspaces(ctx, api, job, handle).await
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
    let mut run = Run::take_up(ctx, api, job, handle).await?;
    let ended = run.phases().await;
    run.end(ended).await
}

impl<'a> Run<'a> {
    /// The open run of this job, or a new one.
    async fn take_up(
        ctx: &'a Context,
        api: Arc<dyn FleetApi>,
        job: &'a SyncWorkspacesJob,
        handle: &'a dyn RunHandle,
    ) -> Result<Self, JobError> {
        let now = ctx.env.now();
        close_left_open(ctx, job, handle, now).await?;
        let start = Checkpoint {
            phase: Phase::Directories,
            next_token: None,
            inventory_whole: false,
            inventory_read: false,
            broke_off: None,
        };
        let open = sync_runs::sync_run_open_of_job(&ctx.db, handle.job_id()).await?;
        let (id, at, report) = match open {
            Some(open) => {
                let at = open.checkpoint.and_then(|saved| serde_json::from_value(saved).ok());
                // Without a checkpoint nothing was read yet, whatever the report says.
                let report = if at.is_some() { open.report } else { SyncReport::default() };
                handle.log(LogLevel::Info, "Going on where the last attempt stopped.").await;
                (open.id, at.unwrap_or(start), report)
            }
            None => {
                let id = SyncRunId(ctx.env.new_id());
                let new = sync_runs::NewSyncRun {
                    id,
                    account_id: job.account_id,
                    region: job.region.clone(),
                    kind: SyncKind::Workspaces,
                    job_id: Some(handle.job_id()),
                    at: now,
                };
                sync_runs::sync_run_start(&ctx.db, &new).await?;
                (id, start, SyncReport::default())
            }
        };
        let (calls_before, calls_base) = (report.aws_calls, api.calls());
        Ok(Self {
            ctx,
            api,
            account: job.account_id,
            region: &job.region,
            handle,
            id,
            at,
            report,
            unknown: UnknownValues::default(),
            calls_before,
            calls_base,
        })
    }

    async fn phases(&mut self) -> Result<(), JobError> {
        if self.at.phase == Phase::Directories {
            self.directories().await?;
            self.enter(Phase::Workspaces).await?;
        }
        if self.at.phase == Phase::Workspaces {
            self.workspaces().await?;
            self.enter(if self.at.inventory_whole { Phase::Gone } else { Phase::Bundles }).await?;
        }
        if self.at.phase == Phase::Gone {
            self.gone().await?;
        }
        if self.at.phase == Phase::Bundles {
            self.bundles().await?;
            self.enter(Phase::Connections).await?;
        }
        if self.at.phase == Phase::Connections {
            self.connections().await?;
            self.enter(Phase::Tags).await?;
        }
        self.tags().await
    }

    /// Where the run stands, to go back to should the next write fail: what was not written must be read again.
    pub(super) fn mark(&self) -> (Checkpoint, SyncReport) {
        (self.at.clone(), self.report.clone())
    }

    /// Goes back to the mark when the write failed. Otherwise the end of the attempt would save a checkpoint past rows that
    /// were never written, and the next one would take them for gone.
    pub(super) fn or_back(
        &mut self,
        before: (Checkpoint, SyncReport),
        written: Result<(), JobError>,
    ) -> Result<(), JobError> {
        if written.is_err() {
            (self.at, self.report) = before;
        }
        written
    }

    /// The next phase begins.
    async fn enter(&mut self, phase: Phase) -> Result<(), JobError> {
        self.handle.check()?;
        self.at.phase = phase;
        self.at.next_token = None;
        let saved = self.saved();
        still_open(sync_runs::sync_run_checkpoint(&self.ctx.db, self.id, &self.report, Some(&saved)).await?)
    }

    /// Saves where the run stands, in the transaction of what it has just done.
    pub(super) async fn save(&mut self, tx: &Tx) -> Result<(), JobError> {
        let saved = self.saved();
        still_open(sync_runs::sync_run_checkpoint(tx, self.id, &self.report, Some(&saved)).await?)
    }

    fn saved(&mut self) -> serde_json::Value {
        self.report.aws_calls = self.calls_before + self.api.calls().saturating_sub(self.calls_base);
        serde_json::to_value(&self.at).expect("a checkpoint is plain data")
    }

    /// Notes that something could not be read, and says so in the job's log.
    pub(super) async fn problem(&mut self, error: &CloudError) {
        tracing::warn!(account = %self.account, region = %self.region, %error, "a sync could not read something");
        self.handle.log(LogLevel::Warn, &error.to_string()).await;
        self.report.note(SyncProblem::from(error));
    }

    /// Writes how the run ended, unless it will be taken up again.
    async fn end(mut self, ended: Result<(), JobError>) -> Result<SyncDone, JobError> {
        let (outcome, error) = match &ended {
            Ok(()) => {
                let found = problems::outcome(&self.report, self.at.inventory_read);
                let first = self.report.problems.iter().find(|problem| problem.code != problems::UNKNOWN_VALUE);
                (found, first.map(|problem| problem.message.clone()))
            }
            Err(JobError::Cancelled) if !self.handle.handed_back() => (SyncOutcome::Cancelled, None),
            Err(JobError::Fail { message }) => (SyncOutcome::Failed, Some(message.clone())),
            // It stays open: the next attempt takes it up, or `close_run` closes it.
            Err(_) => {
                let saved = self.saved();
                let kept = sync_runs::sync_run_checkpoint(&self.ctx.db, self.id, &self.report, Some(&saved)).await;
                if let Err(error) = kept {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a run's checkpoint could not be saved");
                }
                return Err(ended.err().unwrap_or(JobError::Cancelled));
            }
        };
        self.saved();
        self.finish(outcome, error.as_deref()).await?;
        ended?;
        if outcome == SyncOutcome::Failed {
            return Err(JobError::fail(error.unwrap_or_else(|| "nothing could be read".to_owned())));
        }
        Ok(SyncDone { run_id: self.id, outcome, report: self.report })
    }

    async fn finish(&self, outcome: SyncOutcome, error: Option<&str>) -> Result<(), JobError> {
        let (tx, now) = (self.ctx.db.begin().await?, self.ctx.env.now());
        sync_runs::sync_run_finish(&tx, self.id, outcome, &self.report, error, now).await?;
        let status = RegionStatus {
            status: if outcome == SyncOutcome::Whole { "ok".to_owned() } else { outcome.to_string() },
            last_error: error.map(str::to_owned),
            missing_permission: self.report.problems.iter().find_map(|problem| problem.missing_permission.clone()),
            at: now,
            whole: outcome == SyncOutcome::Whole,
        };
        accounts::account_region_set(&tx, self.account, self.region, &status).await?;
        super::watch::enqueue_if_moving(self.ctx, &tx, self.account, self.region, self.report.in_transition).await?;
        events::events_append(&tx, now, &[Event::Account { id: self.account }]).await?;
        tx.commit().await?;
        self.ctx.announce();
        Ok(())
    }
}

/// A run that was ended by somebody else (its job was cancelled, or another attempt took over and finished) writes no more:
/// what it would go by is forgotten.
fn still_open(open: bool) -> Result<(), JobError> {
    if open { Ok(()) } else { Err(JobError::Cancelled) }
}

/// Closes runs of this place that no job will take up any more: their job was cancelled while it waited, or died.
async fn close_left_open(
    ctx: &Context,
    job: &SyncWorkspacesJob,
    handle: &dyn RunHandle,
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    // One run at a time per place, so only the newest can be open.
    let newest = sync_runs::sync_run_latest(&ctx.db).await?;
    let left = newest.into_iter().find(|run| {
        run.account_id == job.account_id
            && run.region == job.region
            && run.outcome == SyncOutcome::Running
            && run.job_id != Some(handle.job_id())
    });
    if let Some(run) = left {
        let error = Some("its job ended without it");
        sync_runs::sync_run_finish(&ctx.db, run.id, SyncOutcome::Failed, &run.report, error, now).await?;
    }
    Ok(())
}

/// Closes the open run of a job that won't run again: it died or was cancelled. Nothing happens when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn close_run(ctx: &Context, job: JobId, error: &str) -> Result<(), StoreError> {
    let Some(mut run) = sync_runs::sync_run_open_of_job(&ctx.db, job).await? else { return Ok(()) };
    let at = run.checkpoint.take().and_then(|saved| serde_json::from_value::<Checkpoint>(saved).ok());
    let read = at.as_ref().is_some_and(|at| at.inventory_read);
    if let Some(problem) = at.and_then(|at| at.broke_off) {
        run.report.note(problem);
    }
    let outcome = if read { SyncOutcome::Partial } else { SyncOutcome::Failed };
    sync_runs::sync_run_finish(&ctx.db, run.id, outcome, &run.report, Some(error), ctx.env.now()).await
}
