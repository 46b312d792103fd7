//! Jobs as people look at them: the list, one job, its attempts and its log. Every question starts from a [`JobScope`]. What
//! moves jobs is `crate::queue`.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, JobId, Region, UserId};
use domain::jobs::{AttemptOutcome, JobProgress, JobState, LogLevel};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

pub use crate::repo::scope::JobScope;

use crate::cursor::{Cursor, list_name};
use crate::entity::{job, job_attempt, job_log};
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_jobs};
use crate::sql::{Sql, micros};

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRecord {
    /// The id; in order of creation.
    pub id: JobId,
    /// Its name, such as `sync-workspaces`.
    pub kind: String,
    /// What it is about, in words.
    pub subject: String,
    /// What it was given.
    pub payload: Value,
    /// The key of which one may wait or run at a time.
    pub unique_key: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// The higher the sooner.
    pub priority: i16,
    /// Not before this moment.
    pub run_at: DateTime<Utc>,
    /// Failed attempts after which it is dead.
    pub max_attempts: i32,
    /// Attempts that failed since it was queued or retried by hand.
    pub failed_attempts: i32,
    /// Times it was given to a worker, ever.
    pub claims: i32,
    /// The worker that holds it.
    pub worker: Option<String>,
    /// When that worker last said that it does.
    pub heartbeat_at: Option<DateTime<Utc>>,
    /// Whether somebody asked to cancel it while it runs.
    pub cancel_requested: bool,
    /// How far it is.
    pub progress: JobProgress,
    /// What it gave in the end.
    pub result: Option<Value>,
    /// What went wrong last.
    pub error: Option<String>,
    /// The account it works on.
    pub account_id: Option<AccountId>,
    /// The region of that account, when it works on one only.
    pub region: Option<Region>,
    /// Who asked for it; `None` for the system.
    pub created_by: Option<UserId>,
    /// Who asked for it, as a name.
    pub created_by_name: String,
    /// The request that asked for it.
    pub request_id: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When its latest attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An attempt of a job; the one that runs has neither end nor outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobAttemptRecord {
    /// Which one: 1 is the first.
    pub number: i32,
    /// The worker.
    pub worker: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<AttemptOutcome>,
    /// What went wrong.
    pub error: Option<String>,
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLogRecord {
    /// Its place; increases.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// How much it matters.
    pub level: LogLevel,
    /// What was said.
    pub message: String,
}

/// What the list is narrowed to. An empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// States.
    pub states: Vec<JobState>,
    /// Names.
    pub kinds: Vec<String>,
    /// Accounts.
    pub account_ids: Vec<AccountId>,
}

/// A page to read, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobQuery {
    /// What it is narrowed to.
    pub filter: JobFilter,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most; 0 means 50.
    pub limit: u64,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct JobPage {
    /// The jobs, the latest first.
    pub rows: Vec<JobRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A page of jobs.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another scope or filter.
pub async fn job_list(conn: &impl ConnectionTrait, scope: &JobScope, query: &JobQuery) -> Result<JobPage, StoreError> {
    let mut rows: Vec<job::Model> = page(conn.get_database_backend(), scope, query)?.all_as(conn).await?;
    let limit = usize::try_from(rows_of(query)).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next = last.map(|last| Cursor::new(&name(scope, query), String::new(), last.id).encode());
    Ok(JobPage { rows: rows.into_iter().map(JobRecord::try_from).collect::<Result<_, _>>()?, next })
}

/// What a cursor is tied to.
fn name(scope: &JobScope, query: &JobQuery) -> String {
    list_name(&format!("jobs {scope:?} {:?}", query.filter))
}

fn rows_of(query: &JobQuery) -> u64 {
    if query.limit == 0 { 50 } else { query.limit.min(1000) }
}

/// The statement of a page and one row more, which tells whether there is another.
pub(crate) fn page(backend: DbBackend, scope: &JobScope, query: &JobQuery) -> Result<Sql, StoreError> {
    let sql = conditions(Sql::of(backend).text("SELECT j.* FROM job j"), scope, &query.filter, Purpose::Page);
    let sql = match &query.cursor {
        Some(cursor) => sql.text(" AND j.id < ").bind(Cursor::<Uuid>::decode(cursor, &name(scope, query))?.id),
        None => sql,
    };
    let limit = i64::try_from(rows_of(query).saturating_add(1)).unwrap_or(i64::MAX);
    Ok(sql.text(" ORDER BY j.id DESC LIMIT ").bind(limit))
}

/// How many jobs the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn job_count(conn: &impl ConnectionTrait, scope: &JobScope, filter: &JobFilter) -> Result<u64, StoreError> {
    conditions(Sql::new(conn).text("SELECT count(*) FROM job j"), scope, filter, Purpose::All).count(conn).await
}

/// Adds WHERE with scope and filter.
fn conditions(sql: Sql, scope: &JobScope, filter: &JobFilter, purpose: Purpose) -> Sql {
    scoped_jobs(sql.text(" WHERE 1 = 1"), scope, purpose)
        .any_of("j.state", filter.states.iter().map(|s| s.as_str()))
        .any_of("j.kind", filter.kinds.iter().map(String::as_str))
        .any_of("j.account_id", filter.account_ids.iter().map(|id| id.0))
}

/// One job.
///
/// # Errors
/// [`StoreError`].
pub async fn job_fetch(
    conn: &impl ConnectionTrait,
    scope: &JobScope,
    id: JobId,
) -> Result<Option<JobRecord>, StoreError> {
    let sql = Sql::new(conn).text("SELECT j.* FROM job j WHERE j.id = ").bind(id.0);
    let found: Option<job::Model> = scoped_jobs(sql, scope, Purpose::Page).one_as(conn).await?;
    found.map(JobRecord::try_from).transpose()
}

/// The attempts of a job that was fetched within the scope, the first one first, the running one among them.
///
/// # Errors
/// [`StoreError`].
pub async fn job_attempts(conn: &impl ConnectionTrait, id: JobId) -> Result<Vec<JobAttemptRecord>, StoreError> {
    let ended = job_attempt::Entity::find()
        .filter(job_attempt::Column::JobId.eq(id.0))
        .order_by_asc(job_attempt::Column::Number)
        .all(conn)
        .await?;
    let mut attempts = Vec::with_capacity(ended.len() + 1);
    for row in ended {
        attempts.push(JobAttemptRecord {
            number: row.number,
            worker: row.worker,
            started_at: row.started_at,
            finished_at: Some(row.finished_at),
            outcome: Some(row.outcome.parse().map_err(|e| StoreError::corrupt("outcome of an attempt", e))?),
            error: row.error,
        });
    }
    if let Some(job) = job_fetch(conn, &JobScope::everything(), id).await?
        && job.state == JobState::Running
        && let (Some(worker), Some(started_at)) = (job.worker, job.started_at)
        && attempts.last().is_none_or(|last| last.number < job.claims)
    {
        attempts.push(JobAttemptRecord {
            number: job.claims,
            worker,
            started_at,
            finished_at: None,
            outcome: None,
            error: None,
        });
    }
    Ok(attempts)
}

/// The last lines of the log of a job that was fetched within the scope, at most `limit`, the oldest of them first.
///
/// # Errors
/// [`StoreError`].
pub async fn job_log_tail(conn: &impl ConnectionTrait, id: JobId, limit: u64) -> Result<Vec<JobLogRecord>, StoreError> {
    let rows = job_log::Entity::find()
        .filter(job_log::Column::JobId.eq(id.0))
        .order_by_desc(job_log::Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    rows.into_iter()
        .rev()
        .map(|row| {
            Ok(JobLogRecord {
                id: row.id,
                at: row.at,
                level: row.level.parse().map_err(|e| StoreError::corrupt("level of a log line", e))?,
                message: row.message,
            })
        })
        .collect()
}

/// How many jobs are in each state.
///
/// # Errors
/// [`StoreError`].
pub async fn job_state_counts(
    conn: &impl ConnectionTrait,
    scope: &JobScope,
) -> Result<Vec<(JobState, u64)>, StoreError> {
    let rows = state_counts(conn.get_database_backend(), scope).all(conn).await?;
    rows.iter()
        .map(|row| {
            let (state, count): (String, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let state = state.parse().map_err(|e| StoreError::corrupt("state of a job", e))?;
            Ok((state, u64::try_from(count).unwrap_or(0)))
        })
        .collect()
}

/// The statement of [`job_state_counts`].
pub(crate) fn state_counts(backend: DbBackend, scope: &JobScope) -> Sql {
    let sql = Sql::of(backend).text("SELECT j.state, count(*) FROM job j WHERE 1 = 1");
    scoped_jobs(sql, scope, Purpose::All).text(" GROUP BY j.state")
}

/// How many jobs of each kind are in each of these states, by kind.
///
/// # Errors
/// [`StoreError`].
pub async fn job_kind_counts(
    conn: &impl ConnectionTrait,
    scope: &JobScope,
    states: &[JobState],
) -> Result<Vec<(String, JobState, u64)>, StoreError> {
    let sql = Sql::new(conn)
        .text("SELECT j.kind, j.state, count(*) FROM job j WHERE ")
        .bind_in("j.state", states.iter().map(|state| state.as_str()));
    let rows = scoped_jobs(sql, scope, Purpose::All)
        .text(" GROUP BY j.kind, j.state ORDER BY j.kind, j.state")
        .all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let (kind, state): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let count: i64 = row.try_get_by_index(2)?;
            let state = state.parse().map_err(|e| StoreError::corrupt("state of a job", e))?;
            Ok((kind, state, u64::try_from(count).unwrap_or(0)))
        })
        .collect()
}

/// Since when the job has been due that has waited longest for its turn; `None` when none is due.
///
/// # Errors
/// [`StoreError`].
pub async fn job_oldest_due(
    conn: &impl ConnectionTrait,
    scope: &JobScope,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let sql = Sql::new(conn)
        .text("SELECT j.* FROM job j WHERE j.state = ")
        .bind(JobState::Queued.as_str())
        .text(" AND j.run_at <= ")
        .bind(micros(now));
    let sql = scoped_jobs(sql, scope, Purpose::Page).text(" ORDER BY j.run_at LIMIT 1");
    Ok(sql.one_as::<job::Model>(conn).await?.map(|row| row.run_at))
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: JobState,
    /// How many.
    pub count: u64,
    /// Since when the oldest is due (which may be later), runs, or has ended.
    pub since: Option<DateTime<Utc>>,
}

/// What waits, runs or is dead, by kind and state; for machinery.
///
/// # Errors
/// [`StoreError`].
pub async fn job_queue_depth(conn: &impl ConnectionTrait) -> Result<Vec<QueueDepth>, StoreError> {
    let states = [JobState::Queued, JobState::Running, JobState::Dead];
    let rows = Sql::new(conn)
        .text(
            "SELECT j.kind, j.state, count(*), min(CASE j.state WHEN 'queued' THEN j.run_at WHEN 'running' THEN j.started_at \
             ELSE j.finished_at END) FROM job j WHERE ",
        )
        .bind_in("j.state", states.iter().map(|state| state.as_str()))
        .text(" GROUP BY j.kind, j.state ORDER BY j.kind, j.state")
        .all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let (kind, state, count): (String, String, i64) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let state = state.parse().map_err(|e| StoreError::corrupt("state of a job", e))?;
            Ok(QueueDepth { kind, state, count: u64::try_from(count).unwrap_or(0), since: row.try_get_by_index(3)? })
        })
        .collect()
}

impl TryFrom<job::Model> for JobRecord {
    type Error = StoreError;

    fn try_from(row: job::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId(row.id),
            kind: row.kind,
            subject: row.subject,
            payload: row.payload,
            unique_key: row.unique_key,
            state: row.state.parse().map_err(|e| StoreError::corrupt("state of a job", e))?,
            priority: row.priority,
            run_at: row.run_at,
            max_attempts: row.max_attempts,
            failed_attempts: row.failed_attempts,
            claims: row.claim_number,
            worker: row.worker,
            heartbeat_at: row.heartbeat_at,
            cancel_requested: row.cancel_requested,
            progress: JobProgress { done: row.progress_done, total: row.progress_total, note: row.progress_note },
            result: row.result,
            error: row.error,
            account_id: row.account_id.map(AccountId),
            region: row
                .region
                .map(|text| text.parse().map_err(|e| StoreError::corrupt("region of a job", e)))
                .transpose()?,
            created_by: row.created_by.map(UserId),
            created_by_name: row.created_by_name,
            request_id: row.request_id,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
}
