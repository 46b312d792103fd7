//! The use cases of jobs. Who asked for a job may see it, with or without the permission to see all.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::ids::JobId;
use domain::jobs::JobState;
use store::queue::{self, CancelOutcome, RetryOutcome};
use store::repo::jobs::{self, JobAttemptRecord, JobLogRecord, JobQuery, JobRecord};

use super::error::JobsError;
use crate::{Context, Page, PageRequest};

/// Most lines of a job's log that the detail shows: the last ones.
const LOG_LINES: u64 = 500;

/// What the list is narrowed to. An empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// States.
    pub states: Vec<JobState>,
    /// Names.
    pub kinds: Vec<String>,
}

/// One job in full.
#[derive(Debug, Clone)]
pub struct JobDetail {
    /// The row of the list; it has the result too.
    pub job: JobRecord,
    /// Its attempts, newest first.
    pub attempts: Vec<JobAttemptRecord>,
    /// The end of its log, oldest first, at most 500 lines.
    pub log: Vec<JobLogRecord>,
}

/// A page of jobs, newest first.
///
/// # Errors
/// [`JobsError::Forbidden`], [`JobsError::Store`] (with `BadCursor` for a cursor of another filter).
pub async fn list_jobs(
    ctx: &Context,
    actor: &Actor,
    filter: &JobFilter,
    page: PageRequest,
) -> Result<Page<JobRecord>, JobsError> {
    actor.require(Permission::JobRead)?;
    let filter =
        jobs::JobFilter { states: filter.states.clone(), kinds: filter.kinds.clone(), account_ids: Vec::new() };
    let total = jobs::job_count(&ctx.db, &filter).await?;
    let query = JobQuery { filter, cursor: page.cursor, limit: u64::from(page.limit) };
    let page = jobs::job_list(&ctx.db, &query).await?;
    Ok(Page { items: page.rows, next_cursor: page.next, total })
}

/// The queue in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobSummary {
    /// Now.
    pub at: DateTime<Utc>,
    /// Since when the job has been due that has waited longest for its turn; `None` when none is due.
    pub oldest_due: Option<DateTime<Utc>>,
    /// How many jobs of each kind wait, run or are dead, by kind.
    pub counts: Vec<(String, JobState, u64)>,
}

/// The queue in numbers: what waits, what runs, what is dead.
///
/// # Errors
/// [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn job_summary(ctx: &Context, actor: &Actor) -> Result<JobSummary, JobsError> {
    actor.require(Permission::JobRead)?;
    let at = ctx.env.now();
    let states = [JobState::Queued, JobState::Running, JobState::Dead];
    let counts = jobs::job_kind_counts(&ctx.db, &states).await?;
    Ok(JobSummary { at, oldest_due: jobs::job_oldest_due(&ctx.db, at).await?, counts })
}

/// One job; `None` when there is none that the actor may see.
///
/// # Errors
/// [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn fetch_job(ctx: &Context, actor: &Actor, id: JobId) -> Result<Option<JobDetail>, JobsError> {
    let job = jobs::job_fetch(&ctx.db, id).await?;
    let own = job.as_ref().is_some_and(|job| job.created_by.is_some() && job.created_by == actor.user_id);
    if !own {
        actor.require(Permission::JobRead)?;
    }
    let Some(job) = job else { return Ok(None) };
    let mut attempts = jobs::job_attempts(&ctx.db, id).await?;
    attempts.reverse();
    let log = jobs::job_log_tail(&ctx.db, id, LOG_LINES).await?;
    Ok(Some(JobDetail { job, attempts, log }))
}

/// Cancels a job: at once while it waits, within two seconds while it runs.
///
/// # Errors
/// [`JobsError::NotFound`], [`JobsError::WrongState`] when it has ended, [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn cancel_job(ctx: &Context, actor: &Actor, id: JobId) -> Result<JobRecord, JobsError> {
    actor.require(Permission::JobWrite)?;
    let tx = ctx.db.begin().await?;
    let outcome = queue::cancel(&tx, id, ctx.env.now()).await?;
    tx.commit().await?;
    match outcome {
        CancelOutcome::NotFound => return Err(JobsError::NotFound),
        CancelOutcome::TooLate(state) => {
            return Err(JobsError::WrongState { state, needed: "only a job that waits or runs can be cancelled" });
        }
        CancelOutcome::Asked => {}
        // A sync that waited for its next attempt has its run open. Not in the transaction: a run's is its own.
        CancelOutcome::Cancelled => {
            if let Err(error) = crate::sync::cancel_run(ctx, id).await {
                tracing::warn!(error = &error as &dyn std::error::Error, job = %id, "a sync run was left open");
            }
        }
    }
    ctx.announce();
    find(ctx, id).await
}

/// Queues a dead or cancelled job again, with all its attempts before it.
///
/// # Errors
/// [`JobsError::NotFound`], [`JobsError::WrongState`], [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn retry_job(ctx: &Context, actor: &Actor, id: JobId) -> Result<JobRecord, JobsError> {
    actor.require(Permission::JobWrite)?;
    let tx = ctx.db.begin().await?;
    let outcome = match queue::retry_by_hand(&tx, id, ctx.env.now()).await {
        Err(error) if error.is_conflict("uq_job_unique_key") => {
            let needed = "another job for the same waits or runs already, which will do it";
            return Err(JobsError::WrongState { state: JobState::Dead, needed });
        }
        outcome => outcome?,
    };
    tx.commit().await?;
    match outcome {
        RetryOutcome::NotFound => return Err(JobsError::NotFound),
        RetryOutcome::WrongState(state) => {
            return Err(JobsError::WrongState { state, needed: "only a dead or cancelled job can be tried again" });
        }
        RetryOutcome::Queued => {}
    }
    ctx.announce();
    find(ctx, id).await
}

async fn find(ctx: &Context, id: JobId) -> Result<JobRecord, JobsError> {
    jobs::job_fetch(&ctx.db, id).await?.ok_or(JobsError::NotFound)
}
