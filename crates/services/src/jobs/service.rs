//! The use cases of jobs. Who asked for a job may see it, with or without the permission to see those of others.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::ids::JobId;
use domain::jobs::JobState;
use serde_json::{Value, json};
use store::queue::{self, CancelOutcome, RetryOutcome};
use store::repo::jobs::{self, JobAttemptRecord, JobLogRecord, JobQuery, JobRecord, JobScope};

use super::error::JobsError;
use crate::actions::{self, WorkspaceActionJob};
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
    /// What an action without a result did so far, in the shape of its result; `None` before its first batch, and of other kinds.
    pub so_far: Option<Value>,
}

/// The jobs that somebody may do that with: those about what is in their scope, and their own.
fn visible(actor: &Actor, permission: Permission) -> JobScope {
    JobScope { scope: actor.scope(permission), own: actor.user_id }
}

/// A page of the jobs that the actor may see, newest first.
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
    let scope = visible(actor, Permission::JobRead);
    let total = jobs::job_count(&ctx.db, &scope, &filter).await?;
    let query = JobQuery { filter, cursor: page.cursor, limit: u64::from(page.limit) };
    let page = jobs::job_list(&ctx.db, &scope, &query).await?;
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

/// The queue in numbers, as far as the actor may see it: what waits, what runs, what is dead.
///
/// # Errors
/// [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn job_summary(ctx: &Context, actor: &Actor) -> Result<JobSummary, JobsError> {
    actor.require(Permission::JobRead)?;
    let at = ctx.env.now();
    let states = [JobState::Queued, JobState::Running, JobState::Dead];
    let scope = visible(actor, Permission::JobRead);
    let counts = jobs::job_kind_counts(&ctx.db, &scope, &states).await?;
    Ok(JobSummary { at, oldest_due: jobs::job_oldest_due(&ctx.db, &scope, at).await?, counts })
}

/// One job; `None` when there is none that the actor may see.
///
/// # Errors
/// [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn fetch_job(ctx: &Context, actor: &Actor, id: JobId) -> Result<Option<JobDetail>, JobsError> {
    let Some(job) = jobs::job_fetch(&ctx.db, &visible(actor, Permission::JobRead), id).await? else {
        // Without the permission there are no others than one's own.
        actor.require(Permission::JobRead)?;
        return Ok(None);
    };
    let mut attempts = jobs::job_attempts(&ctx.db, id).await?;
    attempts.reverse();
    let log = jobs::job_log_tail(&ctx.db, id, LOG_LINES).await?;
    let so_far = so_far(ctx, &job).await?;
    Ok(Some(JobDetail { job, attempts, log, so_far }))
}

async fn so_far(ctx: &Context, job: &JobRecord) -> Result<Option<Value>, JobsError> {
    if job.kind != WorkspaceActionJob::NAME || job.result.is_some() {
        return Ok(None);
    }
    let saved = queue::checkpoint_get(&ctx.db, job.id).await?;
    let report = saved.and_then(|saved| actions::done_so_far(&job.payload, &saved));
    Ok(report.map(|report| json!(report)))
}

/// Cancels a job: at once while it waits, within two seconds while it runs.
///
/// # Errors
/// [`JobsError::NotFound`], [`JobsError::WrongState`] when it has ended, [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn cancel_job(ctx: &Context, actor: &Actor, id: JobId) -> Result<JobRecord, JobsError> {
    actor.require(Permission::JobWrite)?;
    let job = find(ctx, actor, id).await?;
    let tx = ctx.db.begin().await?;
    let outcome = queue::cancel(&tx, id, ctx.env.now()).await?;
    if matches!(outcome, CancelOutcome::Asked | CancelOutcome::Cancelled) {
        crate::audit::record(&tx, ctx, actor, entry("job.cancel", &job)).await?;
    }
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
    find(ctx, actor, id).await
}

/// Queues a dead or cancelled job again, with all its attempts before it.
///
/// # Errors
/// [`JobsError::NotFound`], [`JobsError::WrongState`], [`JobsError::Forbidden`], [`JobsError::Store`].
pub async fn retry_job(ctx: &Context, actor: &Actor, id: JobId) -> Result<JobRecord, JobsError> {
    actor.require(Permission::JobWrite)?;
    let job = repeatable(ctx, actor, id).await?;
    let tx = ctx.db.begin().await?;
    let outcome = match queue::retry_by_hand(&tx, id, ctx.env.now()).await {
        Err(error) if error.is_conflict("uq_job_unique_key") => {
            let needed = "another job for the same waits or runs already, which will do it";
            return Err(JobsError::WrongState { state: JobState::Dead, needed });
        }
        outcome => outcome?,
    };
    if matches!(outcome, RetryOutcome::Queued) {
        crate::audit::record(&tx, ctx, actor, entry("job.retry", &job)).await?;
    }
    tx.commit().await?;
    match outcome {
        RetryOutcome::NotFound => return Err(JobsError::NotFound),
        RetryOutcome::WrongState(state) => {
            return Err(JobsError::WrongState { state, needed: "only a dead or cancelled job can be tried again" });
        }
        RetryOutcome::Queued => {}
    }
    ctx.announce();
    find(ctx, actor, id).await
}

/// Whether the actor may have a job done again. One of their own may be about what they have no part in any more: what counts
/// is what they may do now, not what they could when they asked for it.
async fn repeatable(ctx: &Context, actor: &Actor, id: JobId) -> Result<JobRecord, JobsError> {
    let job = find(ctx, actor, id).await?;
    if job.kind == WorkspaceActionJob::NAME {
        actions::may_repeat::<JobsError>(ctx, actor, &job.payload).await?;
        return Ok(job);
    }
    let permission = Permission::JobWrite;
    let scope = JobScope { scope: actor.scope(permission), own: None };
    match jobs::job_fetch(&ctx.db, &scope, id).await? {
        Some(_) => Ok(job),
        None => Err(Forbidden { permission }.into()),
    }
}

fn entry(action: &str, job: &JobRecord) -> Entry {
    let entry = Entry::new(action, Permission::JobWrite).on("job", job.id).named(&job.subject);
    entry.before(json!({ "kind": job.kind, "state": job.state }))
}

/// A job that the actor may change.
async fn find(ctx: &Context, actor: &Actor, id: JobId) -> Result<JobRecord, JobsError> {
    jobs::job_fetch(&ctx.db, &visible(actor, Permission::JobWrite), id).await?.ok_or(JobsError::NotFound)
}
