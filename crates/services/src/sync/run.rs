//! One run of a data set for one account and region: what all reconcilers share. Where it goes on after an interruption,
//! what it counts, how it notes what it could not read. How it ends is `end.rs`; what is read and written is each data set's.
//!
//! A run is a row (`sync_run`) with its report and its checkpoint, written in the transaction of each batch: an attempt
//! that follows a crash, a retry or a hand-over takes up the open run of its job exactly where the last batch was
//! committed. Everything a reconciler does may be done twice.
//!
//! A worker that was thought dead and wakes up again shares the open run with its successor. So every transaction of a run
//! begins with the job's lease ([`SyncRun::begin`]): whoever lost it writes no more, not even how it ended.
//!
//! To add a reconciler: a folder in `sync/` with a checkpoint type, `take_up`, its phases, [`SyncRun::end`]; `connections` is
//! the pattern.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::cloud::{CloudError, DataApi, FleetApi};
use domain::event::Event;
use domain::ids::{AccountId, Region, SyncRunId};
use domain::jobs::LogLevel;
use domain::sync::{Gap, SyncKind, SyncProblem, SyncReport};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Tx;
use store::repo::inventory::SyncContext;
use store::repo::{accounts, events, sync_runs};

use super::end;
use super::jobs::SyncJob;
use super::problems::{self, UnknownValues};
use super::unreachable::Unreachable;
use crate::Context;
use crate::run::{JobError, RunHandle};

/// A handle to AWS that counts what it sends.
pub(super) trait Calls: Send + Sync {
    /// Requests sent so far, retries included.
    fn sent(&self) -> u64;
}

impl Calls for dyn FleetApi {
    fn sent(&self) -> u64 {
        self.calls()
    }
}

impl Calls for dyn DataApi {
    fn sent(&self) -> u64 {
        self.calls()
    }
}

/// Where a next attempt goes on: plain data.
pub(super) trait Checkpoint: Serialize + DeserializeOwned + Clone + Send + Sync {}

impl<C: Serialize + DeserializeOwned + Clone + Send + Sync> Checkpoint for C {}

/// A run that reads the fleet.
pub(super) type FleetRun<'a, C> = SyncRun<'a, dyn FleetApi, C>;

/// A run that reads metrics, events, costs or prices.
pub(super) type DataRun<'a, C> = SyncRun<'a, dyn DataApi, C>;

/// A run under way, over the API `A`, with the checkpoint `C`.
pub(super) struct SyncRun<'a, A: ?Sized, C> {
    pub(super) ctx: &'a Context,
    pub(super) api: Arc<A>,
    pub(super) handle: &'a dyn RunHandle,
    pub(super) account: AccountId,
    pub(super) region: &'a Region,
    pub(super) kind: SyncKind,
    pub(super) id: SyncRunId,
    /// When its first attempt began.
    pub(super) started_at: DateTime<Utc>,
    /// Where it stands. Saved by [`SyncRun::save`] and at the end of an attempt.
    pub(super) at: C,
    pub(super) report: SyncReport,
    pub(super) unknown: UnknownValues,
    /// Whether anything of what it is about was read: without that a run with problems has failed, with it it is partial.
    pub(super) anything_read: bool,
    /// What the data set knows of now, for one that has a history; `None` keeps what is known. Written when the run ends.
    pub(super) covered: Option<Covered>,
    /// Why this attempt broke off; part of the report only if there is no next one.
    broke_off: Option<SyncProblem>,
    /// Calls of earlier attempts.
    calls_before: u64,
    /// Calls the handle had made before this attempt.
    calls_base: u64,
}

/// The stretch of time that a data set knows of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Covered {
    /// The first moment.
    pub(super) from: DateTime<Utc>,
    /// The end, not included.
    pub(super) to: DateTime<Utc>,
    /// What is missing in between.
    pub(super) gaps: Vec<Gap>,
}

/// The checkpoint as it is saved, the same around every data set's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Saved<C> {
    pub(super) at: C,
    pub(super) anything_read: bool,
    pub(super) covered: Option<Covered>,
    pub(super) broke_off: Option<SyncProblem>,
}

/// Where a run stood before a write.
pub(super) struct Mark<C> {
    saved: Saved<C>,
    report: SyncReport,
}

/// AWS's side of the fleet for a job. Without credentials every call says so, and the run ends like any other.
///
/// # Errors
/// [`JobError::Fail`] when the account is no longer connected.
pub(super) async fn fleet_api(ctx: &Context, job: &impl SyncJob) -> Result<Arc<dyn FleetApi>, JobError> {
    let access = access(ctx, job).await?;
    Ok(match ctx.cloud.connect(&access, job.region()).await {
        Ok(api) => api,
        Err(error) => Arc::new(Unreachable(error)),
    })
}

/// AWS's metrics, events, costs and prices for a job. Without credentials every call says so.
///
/// # Errors
/// [`JobError::Fail`] when the account is no longer connected.
pub(super) async fn data_api(ctx: &Context, job: &impl SyncJob) -> Result<Arc<dyn DataApi>, JobError> {
    let access = access(ctx, job).await?;
    Ok(match ctx.cloud.connect_data(&access, job.region()).await {
        Ok(api) => api,
        Err(error) => Arc::new(Unreachable(error)),
    })
}

async fn access(ctx: &Context, job: &impl SyncJob) -> Result<domain::account::AccountAccess, JobError> {
    let account = accounts::account_fetch(&ctx.db, &Scope::Everything, job.account_id()).await?;
    let account = account.ok_or_else(|| JobError::fail("the account is no longer connected"))?;
    Ok(crate::accounts::access::aws_access(ctx, &account)?)
}

impl<'a, A: Calls + ?Sized, C: Checkpoint> SyncRun<'a, A, C> {
    /// The open run of this job, or a new one that begins at `start`. Runs of the same data set and place that no job will
    /// take up any more are closed.
    ///
    /// # Errors
    /// [`JobError::Retry`] when the database fails, [`JobError::Cancelled`] when the job is no longer this worker's.
    pub(super) async fn take_up<J: SyncJob>(
        ctx: &'a Context,
        api: Arc<A>,
        job: &'a J,
        handle: &'a dyn RunHandle,
        start: C,
    ) -> Result<Self, JobError> {
        let (now, account, region, kind) = (ctx.env.now(), job.account_id(), job.region(), J::KIND);
        let tx = ctx.db.begin().await?;
        let open = sync_runs::sync_run_open_of_job(&tx, handle.job_id()).await?;
        let id = open.as_ref().map_or_else(|| SyncRunId(ctx.env.new_id()), |open| open.id);
        handle.save_checkpoint(&tx, &job_checkpoint(id)).await?;
        end::close_left_open(ctx, &tx, (account, region, kind), handle.job_id()).await?;
        let (started_at, saved, report, resumed) = match open {
            Some(open) => {
                let saved: Option<Saved<C>> = open.checkpoint.and_then(|saved| serde_json::from_value(saved).ok());
                // Without a checkpoint nothing was read yet, whatever the report says.
                let report = if saved.is_some() { open.report } else { SyncReport::default() };
                (open.started_at, saved, report, true)
            }
            None => {
                let (region, job_id) = (region.clone(), Some(handle.job_id()));
                let new = sync_runs::NewSyncRun { id, account_id: account, region, kind, job_id, at: now };
                sync_runs::sync_run_start(&tx, &new).await?;
                (now, None, SyncReport::default(), false)
            }
        };
        tx.commit().await?;
        if resumed {
            handle.log(LogLevel::Info, "Going on where the last attempt stopped.").await;
        }
        let saved = saved.unwrap_or(Saved { at: start, anything_read: false, covered: None, broke_off: None });
        let (calls_before, calls_base) = (report.aws_calls, api.sent());
        Ok(Self {
            ctx,
            api,
            handle,
            account,
            region,
            kind,
            id,
            started_at,
            at: saved.at,
            report,
            unknown: UnknownValues::default(),
            anything_read: saved.anything_read,
            covered: saved.covered,
            broke_off: saved.broke_off,
            calls_before,
            calls_base,
        })
    }

    /// Where what is read now comes from.
    pub(super) fn context(&self) -> SyncContext {
        SyncContext {
            account_id: self.account,
            region: self.region.clone(),
            run: Some(self.id),
            at: self.ctx.env.now(),
        }
    }

    /// Opens a transaction of this run: the only way to one. Nobody else gets the job's lease before its end.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] when the job is no longer this worker's.
    pub(super) async fn begin(&self) -> Result<Tx, JobError> {
        let tx = self.ctx.db.begin().await?;
        self.handle.save_checkpoint(&tx, &job_checkpoint(self.id)).await?;
        Ok(tx)
    }

    /// Saves where the run stands, in the transaction ([`SyncRun::begin`]) of what it has just written.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] when the run was ended by somebody else: drop the transaction then.
    pub(super) async fn save(&mut self, tx: &Tx) -> Result<(), JobError> {
        // Something was read since: what broke off an earlier attempt is over.
        self.broke_off = None;
        self.checkpoint(tx).await
    }

    /// As [`SyncRun::save`], at the end of an attempt: why it broke off is kept.
    pub(super) async fn checkpoint(&mut self, tx: &Tx) -> Result<(), JobError> {
        self.count_calls();
        let saved = serde_json::to_value(self.saved()).expect("a checkpoint is plain data");
        // A run that was ended meanwhile (its job was cancelled) writes no more: what it would go by is forgotten.
        if sync_runs::sync_run_checkpoint(tx, self.id, &self.report, Some(&saved)).await? {
            Ok(())
        } else {
            Err(JobError::Cancelled)
        }
    }

    /// The event that says how many rows of this place were added, changed or went.
    pub(super) fn fleet_changed(&self, rows: u64) -> Event {
        Event::FleetChanged { account_id: self.account, region: Some(self.region.clone()), rows }
    }

    /// Commits a transaction of this run, with what there is to tell of it.
    ///
    /// # Errors
    /// [`JobError::Retry`] when the database fails.
    pub(super) async fn commit(&self, tx: Tx, told: &[Event]) -> Result<(), JobError> {
        if !told.is_empty() {
            events::events_append(&tx, self.ctx.env.now(), told).await?;
        }
        tx.commit().await?;
        if !told.is_empty() {
            self.ctx.announce();
        }
        Ok(())
    }

    /// The next phase begins: changes the checkpoint and saves it.
    ///
    /// # Errors
    /// [`JobError::Cancelled`]; [`JobError::Retry`] when the database fails, and then the phase has not changed.
    pub(super) async fn enter(&mut self, next: impl FnOnce(&mut C)) -> Result<(), JobError> {
        self.handle.check()?;
        let before = self.mark();
        next(&mut self.at);
        let saved = self.save_alone().await;
        self.or_back(before, saved)
    }

    /// Saves where the run stands in a transaction of its own.
    pub(super) async fn save_alone(&mut self) -> Result<(), JobError> {
        let tx = self.begin().await?;
        self.save(&tx).await?;
        self.commit(tx, &[]).await
    }

    /// Where the run stands, to go back to should the next write fail: what was not written must be read again.
    pub(super) fn mark(&self) -> Mark<C> {
        Mark { saved: self.saved(), report: self.report.clone() }
    }

    /// Goes back to the mark when the write failed. Otherwise the end of the attempt would save a checkpoint past rows that
    /// were never written.
    pub(super) fn or_back<T>(&mut self, before: Mark<C>, written: Result<T, JobError>) -> Result<T, JobError> {
        if written.is_err() {
            let Saved { at, anything_read, covered, broke_off } = before.saved;
            (self.at, self.anything_read, self.covered, self.broke_off) = (at, anything_read, covered, broke_off);
            self.report = before.report;
        }
        written
    }

    fn saved(&self) -> Saved<C> {
        Saved {
            at: self.at.clone(),
            anything_read: self.anything_read,
            covered: self.covered.clone(),
            broke_off: self.broke_off.clone(),
        }
    }

    /// Brings the report's count of calls up.
    pub(super) fn count_calls(&mut self) {
        self.report.aws_calls = self.calls_before + self.api.sent().saturating_sub(self.calls_base);
    }

    /// Notes that something could not be read, and says so in the job's log. The run is partial at best.
    pub(super) async fn problem(&mut self, error: &CloudError) {
        let (account, region, kind) = (self.account, self.region, self.kind);
        tracing::warn!(%account, %region, %kind, %error, "a sync could not read something");
        self.handle.log(LogLevel::Warn, &error.to_string()).await;
        self.report.note(SyncProblem::from(error));
    }

    /// Notes that `count` items of an answer were left out, and why. The rest is in, so the run may still be whole.
    pub(super) async fn skip(&mut self, operation: &str, count: u64, why: &str) {
        if count == 0 {
            return;
        }
        self.report.skipped += count;
        let problem = problems::skipped(operation, count, why);
        if !self.report.problems.iter().any(|p| p.operation == problem.operation && p.code == problem.code) {
            self.handle.log(LogLevel::Warn, why).await;
        }
        self.report.note(problem);
    }

    /// What the run is about broke off: what was read stays. A passing reason is worth another attempt, which goes on at
    /// the checkpoint; any other is reported.
    ///
    /// # Errors
    /// [`JobError::Retry`] for a passing reason; [`JobError::Fail`] when nothing was read.
    pub(super) async fn broke_off(&mut self, error: &CloudError) -> Result<(), JobError> {
        if error.is_transient() {
            self.broke_off = Some(SyncProblem::from(error));
            return Err(JobError::retry(error.to_string()));
        }
        self.problem(error).await;
        if self.anything_read { Ok(()) } else { Err(JobError::fail(error.to_string())) }
    }
}

/// What the job's own row holds of it: the run has its checkpoint itself. Saving it is what proves the lease.
fn job_checkpoint(id: SyncRunId) -> Value {
    json!({ "sync_run": id })
}
