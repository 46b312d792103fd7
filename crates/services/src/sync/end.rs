//! How a run ends: its row, the status of its data set, and for the inventory the region's status, what follows
//! at once (the watch, the first read of usage) and the event.
//! Also how a run is closed whose job won't run again. The run under way is `run.rs`.

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::event::Event;
use domain::ids::{AccountId, JobId, Region, SyncRunId};
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome, SyncReport};
use serde::Serialize;
use serde_json::Value;
use store::queue::enqueue;
use store::repo::accounts::{self, RegionStatus};
use store::repo::data_sets::{self, DataSetUpdate};
use store::repo::sync_runs::{self, SyncRunRecord};
use store::repo::{events, schedules};
use store::{StoreError, Tx};

use super::problems;
use super::run::{Calls, Checkpoint, Covered, Saved, SyncRun};
use super::service::sync_job;
use super::workspaces::watch;
use crate::Context;
use crate::run::JobError;
use crate::schedules::{Schedule, Setting};

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

/// The end of a run, as it is written.
struct Ending<'a> {
    id: SyncRunId,
    account: AccountId,
    region: &'a Region,
    kind: SyncKind,
    started_at: DateTime<Utc>,
    outcome: SyncOutcome,
    report: &'a SyncReport,
    error: Option<&'a str>,
    covered: Option<&'a Covered>,
    at: DateTime<Utc>,
}

impl<A: Calls + ?Sized, C: Checkpoint> SyncRun<'_, A, C> {
    /// Writes how the run ended, unless it will be taken up again. Whole when nothing is missing, partial when something is,
    /// failed when nothing was read. A worker that has lost the job writes nothing at all.
    ///
    /// # Errors
    /// What ended the attempt, or that nothing could be read, or that its end could not be written.
    pub(super) async fn end(mut self, ended: Result<(), JobError>) -> Result<SyncDone, JobError> {
        let (outcome, error) = match &ended {
            Ok(()) => {
                let first = self.report.problems.iter().find(|problem| !problems::harmless(problem));
                let first = first.map(|problem| problem.message.clone());
                (problems::outcome(&self.report, self.anything_read), first)
            }
            Err(JobError::Cancelled) if !self.handle.handed_back() => (SyncOutcome::Cancelled, None),
            Err(JobError::Fail { message }) => (SyncOutcome::Failed, Some(message.clone())),
            // It stays open: the next attempt takes it up, or `close_run` closes it.
            Err(_) => {
                self.keep_open().await;
                return Err(ended.err().unwrap_or(JobError::Cancelled));
            }
        };
        self.count_calls();
        let finished = self.finish(outcome, error.as_deref()).await?;
        ended?;
        if !finished {
            return Err(JobError::Cancelled);
        }
        if outcome == SyncOutcome::Failed {
            return Err(JobError::fail(error.unwrap_or_else(|| "nothing could be read".to_owned())));
        }
        Ok(SyncDone { run_id: self.id, outcome, report: self.report })
    }

    /// Saves where the next attempt goes on, if the job is still this worker's.
    async fn keep_open(&mut self) {
        let kept = async {
            let tx = self.begin().await?;
            self.checkpoint(&tx).await?;
            self.commit(tx, &[]).await
        };
        match kept.await {
            Ok(()) => {}
            Err(JobError::Cancelled) => tracing::info!(run = %self.id, "a run is no longer this worker's"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a run's checkpoint could not be saved");
            }
        }
    }

    /// `false` when the run was ended by somebody else; nothing is written then.
    async fn finish(&self, outcome: SyncOutcome, error: Option<&str>) -> Result<bool, JobError> {
        let moving = self.kind == SyncKind::Workspaces
            && watch::worth_watching(self.ctx, self.account, self.region, self.report.in_transition).await?;
        let now = self.ctx.env.now();
        let tx = self.begin().await?;
        let ending = Ending {
            id: self.id,
            account: self.account,
            region: self.region,
            kind: self.kind,
            started_at: self.started_at,
            outcome,
            report: &self.report,
            error,
            covered: self.covered.as_ref(),
            at: now,
        };
        if !write(&tx, &ending).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        if self.kind == SyncKind::Workspaces {
            self.follow_up(&tx, outcome, moving, now).await?;
        }
        let told = ending.told();
        self.commit(tx, &told).await?;
        Ok(true)
    }
}

impl<A: Calls + ?Sized, C: Checkpoint> SyncRun<'_, A, C> {
    /// What an inventory that ended leads to at once, in its transaction: a watch over what moves, and the first read of usage.
    /// An account that is switched off is read when somebody asks, and nothing follows by itself.
    async fn follow_up(
        &self,
        tx: &Tx,
        outcome: SyncOutcome,
        moving: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let account = accounts::account_fetch(tx, &Scope::Everything, self.account).await?;
        let Some(account) = account.filter(|account| account.enabled) else { return Ok(()) };
        if moving {
            watch::enqueue_watch(self.ctx, tx, self.account, self.region, now).await?;
        }
        let read = matches!(outcome, SyncOutcome::Whole | SyncOutcome::Partial);
        if read && self.usage_is_wanted(tx).await? {
            enqueue(tx, &self.ctx.env, sync_job(&account, self.region, SyncKind::Usage)).await?;
        }
        Ok(())
    }

    /// Whether usage should be read now: its first tick may have come before any WorkSpace was known, and the next one is hours
    /// away. Not where its schedule stands still: AWS charges for it.
    async fn usage_is_wanted(&self, tx: &Tx) -> Result<bool, StoreError> {
        let known = data_sets::data_set_fetch(tx, self.account, self.region, SyncKind::Usage).await?;
        // A read that failed, or of a place without WorkSpaces, is not worth another one after each inventory.
        if known.covered_to.is_some() || (self.report.added == 0 && known.status != DataSetStatus::Never) {
            return Ok(false);
        }
        let schedule = Schedule::Sync(SyncKind::Usage);
        let change = schedules::schedule_fetch(tx, schedule.name()).await?;
        Ok(Setting::of(schedule, &self.ctx.policy.now(), change.as_ref()).ticks())
    }
}

impl Ending<'_> {
    /// What whoever watches the accounts, and what was read of them, should hear.
    fn told(&self) -> Vec<Event> {
        let read = |what: &str, region: Option<&Region>| {
            vec![Event::Changed {
                what: what.to_owned(),
                user_id: None,
                account_id: Some(self.account),
                region: region.cloned(),
            }]
        };
        match self.kind {
            SyncKind::Workspaces => vec![Event::Account { id: self.account }],
            SyncKind::Usage => read("usage", Some(self.region)),
            SyncKind::CloudTrail => read("trail", Some(self.region)),
            SyncKind::Billing => read("cost", None),
            SyncKind::Directories | SyncKind::Connections | SyncKind::Prices | SyncKind::Images | SyncKind::Quotas => {
                Vec::new()
            }
        }
    }
}

/// Writes the end; `false` when the run had ended before, and then the transaction is to be rolled back.
async fn write(tx: &Tx, ending: &Ending<'_>) -> Result<bool, StoreError> {
    let Ending { id, outcome, report, error, at, .. } = *ending;
    if !sync_runs::sync_run_finish(tx, id, outcome, report, error, at).await? {
        return Ok(false);
    }
    let whole = outcome == SyncOutcome::Whole;
    if ending.kind == SyncKind::Workspaces {
        let status = RegionStatus {
            status: if whole { "ok".to_owned() } else { outcome.to_string() },
            last_error: error.map(str::to_owned),
            missing_permission: missing_permission(report),
            at,
            whole,
        };
        accounts::account_region_set(tx, ending.account, ending.region, &status).await?;
    }
    data_set_status(tx, ending).await?;
    Ok(true)
}

/// How the run leaves its data set. A cancelled one says nothing about it.
async fn data_set_status(tx: &Tx, ending: &Ending<'_>) -> Result<(), StoreError> {
    let status = match ending.outcome {
        SyncOutcome::Whole => DataSetStatus::Ok,
        SyncOutcome::Partial => DataSetStatus::Partial,
        SyncOutcome::Failed => DataSetStatus::Failed,
        SyncOutcome::Cancelled | SyncOutcome::Running => return Ok(()),
    };
    let update = DataSetUpdate {
        account_id: ending.account,
        region: ending.region.clone(),
        kind: ending.kind,
        status,
        fresh_at: (status == DataSetStatus::Ok).then_some(ending.started_at),
        covered_from: ending.covered.map(|covered| covered.from),
        covered_to: ending.covered.map(|covered| covered.to),
        gaps: ending.covered.map(|covered| covered.gaps.clone()),
        last_run_id: Some(ending.id),
        last_error: ending.error.map(str::to_owned),
        missing_permission: missing_permission(ending.report),
        at: ending.at,
    };
    data_sets::data_set_put(tx, &update).await
}

fn missing_permission(report: &SyncReport) -> Option<String> {
    report.problems.iter().find_map(|problem| problem.missing_permission.clone())
}

/// Closes runs of this data set and place that no job will take up any more: their job was cancelled while it waited, or
/// died.
pub(super) async fn close_left_open(
    ctx: &Context,
    tx: &Tx,
    (account, region, kind): (AccountId, &Region, SyncKind),
    job: JobId,
) -> Result<(), StoreError> {
    for run in sync_runs::sync_run_open_at(tx, account, region, kind).await? {
        if run.job_id != Some(job) {
            let error = Some("its job ended without it");
            let at = ctx.env.now();
            sync_runs::sync_run_finish(tx, run.id, SyncOutcome::Failed, &run.report, error, at).await?;
        }
    }
    Ok(())
}

/// Closes the open run of a job that died. Nothing happens when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn close_run(ctx: &Context, job: JobId, error: &str) -> Result<(), StoreError> {
    close(ctx, job, Some(error)).await
}

/// Closes the open run of a job that was cancelled while nobody ran it. Nothing happens when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn cancel_run(ctx: &Context, job: JobId) -> Result<(), StoreError> {
    close(ctx, job, None).await
}

async fn close(ctx: &Context, job: JobId, error: Option<&str>) -> Result<(), StoreError> {
    let Some(mut run) = sync_runs::sync_run_open_of_job(&ctx.db, job).await? else { return Ok(()) };
    let saved = run.checkpoint.take().and_then(|saved| serde_json::from_value::<Saved<Value>>(saved).ok());
    // Why the last attempt broke off, now that there is no next one.
    if let Some(problem) = saved.as_ref().and_then(|saved| saved.broke_off.clone()) {
        run.report.note(problem);
    }
    let outcome = match error {
        None => SyncOutcome::Cancelled,
        Some(_) if saved.as_ref().is_some_and(|saved| saved.anything_read) => SyncOutcome::Partial,
        Some(_) => SyncOutcome::Failed,
    };
    let covered = saved.as_ref().and_then(|saved| saved.covered.as_ref());
    let SyncRunRecord { id, account_id: account, region, kind, started_at, report, .. } = &run;
    let (id, account, kind, started_at, at) = (*id, *account, *kind, *started_at, ctx.env.now());
    let ending = Ending { id, account, region, kind, started_at, outcome, report, error, covered, at };
    let tx = ctx.db.begin().await?;
    if !write(&tx, &ending).await? {
        return tx.rollback().await;
    }
    let told = ending.told();
    if !told.is_empty() {
        events::events_append(&tx, at, &told).await?;
    }
    tx.commit().await?;
    ctx.announce();
    Ok(())
}
