//! Runs of a sync: begun, checkpointed, ended, and, within a [`Scope`], listed. What a run finds is `repo::inventory`.

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::ids::{AccountId, JobId, Region, SyncRunId};
use domain::sync::{SyncKind, SyncOutcome, SyncReport};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::sync_run;
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_syncs};
use crate::sql::{Sql, micros};

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncRunRecord {
    /// The run.
    pub id: SyncRunId,
    /// The account it looked at.
    pub account_id: AccountId,
    /// The region it looked at.
    pub region: Region,
    /// What it brought in.
    pub kind: SyncKind,
    /// The job that ran it.
    pub job_id: Option<JobId>,
    /// How it ended, or that it still runs.
    pub outcome: SyncOutcome,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it found so far.
    pub report: SyncReport,
    /// Where a next attempt goes on, while it runs.
    pub checkpoint: Option<Value>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A run to begin.
#[derive(Debug, Clone)]
pub struct NewSyncRun {
    /// The run.
    pub id: SyncRunId,
    /// The account it looks at.
    pub account_id: AccountId,
    /// The region it looks at.
    pub region: Region,
    /// What it brings in.
    pub kind: SyncKind,
    /// The job that runs it.
    pub job_id: Option<JobId>,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncRunPage {
    /// The runs, the latest first.
    pub rows: Vec<SyncRunRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// Begins a run.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn sync_run_start(conn: &impl ConnectionTrait, new: &NewSyncRun) -> Result<(), StoreError> {
    let row = sync_run::ActiveModel {
        id: Set(new.id.0),
        account_id: Set(new.account_id.0),
        region: Set(new.region.as_str().to_owned()),
        kind: Set(new.kind.as_str().to_owned()),
        job_id: Set(new.job_id.map(|id| id.0)),
        outcome: Set(SyncOutcome::Running.as_str().to_owned()),
        started_at: Set(micros(new.at)),
        finished_at: Set(None),
        report: Set(report_json(&SyncReport::default())?),
        checkpoint: Set(None),
        error: Set(None),
    };
    sync_run::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Saves what a run found so far and where a next attempt goes on; `false` when the run has ended meanwhile, and then
/// nothing is saved. The run's row stays locked to the end of the transaction: it can't end before that.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_checkpoint(
    conn: &impl ConnectionTrait,
    id: SyncRunId,
    report: &SyncReport,
    checkpoint: Option<&Value>,
) -> Result<bool, StoreError> {
    let row = sync_run::ActiveModel {
        report: Set(report_json(report)?),
        checkpoint: Set(checkpoint.cloned()),
        ..Default::default()
    };
    Ok(update_running(conn, id, row).await?)
}

async fn update_running(
    conn: &impl ConnectionTrait,
    id: SyncRunId,
    row: sync_run::ActiveModel,
) -> Result<bool, sea_orm::DbErr> {
    let running = sync_run::Entity::update_many()
        .set(row)
        .filter(sync_run::Column::Id.eq(id.0))
        .filter(sync_run::Column::Outcome.eq(SyncOutcome::Running.as_str()));
    Ok(running.exec(conn).await?.rows_affected > 0)
}

/// Ends a run, and forgets what it has seen; `false` when it has ended already, and then nothing is changed.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_finish(
    conn: &impl ConnectionTrait,
    id: SyncRunId,
    outcome: SyncOutcome,
    report: &SyncReport,
    error: Option<&str>,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = sync_run::ActiveModel {
        outcome: Set(outcome.as_str().to_owned()),
        finished_at: Set(Some(micros(at))),
        report: Set(report_json(report)?),
        checkpoint: Set(None),
        error: Set(error.map(str::to_owned)),
        ..Default::default()
    };
    if !update_running(conn, id, row).await? {
        return Ok(false);
    }
    Sql::new(conn).text("DELETE FROM sync_seen WHERE run_id = ").bind(id.0).execute(conn).await?;
    Ok(true)
}

/// One run, for machinery.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_fetch(conn: &impl ConnectionTrait, id: SyncRunId) -> Result<Option<SyncRunRecord>, StoreError> {
    sync_run::Entity::find_by_id(id.0).one(conn).await?.map(record).transpose()
}

/// The run of a job that has not ended: what a next attempt of that job takes up.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_open_of_job(
    conn: &impl ConnectionTrait,
    job: JobId,
) -> Result<Option<SyncRunRecord>, StoreError> {
    sync_run::Entity::find()
        .filter(sync_run::Column::JobId.eq(job.0))
        .filter(sync_run::Column::Outcome.eq(SyncOutcome::Running.as_str()))
        .order_by_desc(sync_run::Column::Id)
        .one(conn)
        .await?
        .map(record)
        .transpose()
}

/// The runs of a data set of one place that have not ended: one at most, unless a job ended without its run.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_open_at(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    kind: SyncKind,
) -> Result<Vec<SyncRunRecord>, StoreError> {
    sync_run::Entity::find()
        .filter(sync_run::Column::AccountId.eq(account.0))
        .filter(sync_run::Column::Region.eq(region.as_str()))
        .filter(sync_run::Column::Kind.eq(kind.as_str()))
        .filter(sync_run::Column::Outcome.eq(SyncOutcome::Running.as_str()))
        .order_by_asc(sync_run::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(record)
        .collect()
}

/// The latest run of that kind of each account and region.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_latest(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    kind: SyncKind,
) -> Result<Vec<SyncRunRecord>, StoreError> {
    latest_of(conn, latest(conn.get_database_backend(), scope, kind, false)).await
}

/// The latest run of that kind of each account and region that read everything.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_latest_whole(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    kind: SyncKind,
) -> Result<Vec<SyncRunRecord>, StoreError> {
    latest_of(conn, latest(conn.get_database_backend(), scope, kind, true)).await
}

async fn latest_of(conn: &impl ConnectionTrait, sql: Sql) -> Result<Vec<SyncRunRecord>, StoreError> {
    let rows: Vec<sync_run::Model> = sql.all_as(conn).await?;
    rows.into_iter().map(record).collect()
}

/// The statement of [`sync_run_latest`], and of [`sync_run_latest_whole`].
pub(crate) fn latest(backend: DbBackend, scope: &Scope, kind: SyncKind, whole: bool) -> Sql {
    // From the few places to their last run: reads as many rows as it gives. Ids are in order of time.
    let sql = Sql::of(backend)
        .text(
            "SELECT r.* FROM account_region p JOIN sync_run r ON r.id = (SELECT s.id FROM sync_run s \
             WHERE s.account_id = p.account_id AND s.region = p.region AND s.kind = ",
        )
        .bind(kind.as_str())
        .text(if whole { " AND s.outcome = 'whole'" } else { "" })
        .text(" ORDER BY s.id DESC LIMIT 1) WHERE 1 = 1");
    scoped_syncs(sql, scope, "r", Purpose::All).text(" ORDER BY r.started_at DESC")
}

/// A page of runs, of one account or all, the latest first.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn sync_run_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
    limit: u64,
    cursor: Option<&str>,
) -> Result<SyncRunPage, StoreError> {
    let name = list_name(&format!("sync-runs {scope:?} {account:?}"));
    let before = cursor.map(|cursor| Cursor::<Uuid>::decode(cursor, &name)).transpose()?.map(|cursor| cursor.id);
    let sql = page(conn.get_database_backend(), scope, account, limit, before);
    let mut rows: Vec<sync_run::Model> = sql.all_as(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| Cursor::new(&name, String::new(), last.id).encode());
    Ok(SyncRunPage { rows: rows.into_iter().map(record).collect::<Result<_, _>>()?, next })
}

/// The statement of a page and one row more, which tells whether there is another.
pub(crate) fn page(
    backend: DbBackend,
    scope: &Scope,
    account: Option<AccountId>,
    limit: u64,
    before: Option<Uuid>,
) -> Sql {
    let mut sql = conditions(Sql::of(backend).text("SELECT s.* FROM sync_run s"), scope, account, Purpose::Page);
    if let Some(before) = before {
        sql = sql.text(" AND s.id < ").bind(before);
    }
    sql.text(" ORDER BY s.id DESC LIMIT ").bind(i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX))
}

/// Adds WHERE with scope and account.
fn conditions(sql: Sql, scope: &Scope, account: Option<AccountId>, purpose: Purpose) -> Sql {
    let sql = scoped_syncs(sql.text(" WHERE 1 = 1"), scope, "s", purpose);
    match account {
        Some(account) => sql.text(" AND s.account_id = ").bind(account.0),
        None => sql,
    }
}

/// How many runs there are, of one account or all.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_count(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("SELECT count(*) FROM sync_run s");
    conditions(sql, scope, account, Purpose::All).count(conn).await
}

/// Forgets runs that began before that moment, but for the latest of each data set and place, and what runs have seen that ended
/// otherwise than by [`sync_run_finish`]. Gives how many: at most `limit`; call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn sync_run_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text("DELETE FROM sync_run WHERE id IN (SELECT old.id FROM sync_run old WHERE old.started_at < ")
        .bind(micros(before))
        .text(
            " AND old.outcome <> 'running' AND EXISTS (SELECT 1 FROM sync_run later \
             WHERE later.account_id = old.account_id AND later.region = old.region AND later.kind = old.kind \
             AND later.id > old.id) LIMIT ",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .text(")")
        .execute(conn)
        .await?;
    Sql::new(conn)
        .text("DELETE FROM sync_seen WHERE run_id NOT IN (SELECT id FROM sync_run WHERE outcome = 'running')")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}

fn report_json(report: &SyncReport) -> Result<Value, StoreError> {
    serde_json::to_value(report).map_err(|e| StoreError::corrupt("sync report", e))
}

fn record(row: sync_run::Model) -> Result<SyncRunRecord, StoreError> {
    Ok(SyncRunRecord {
        id: SyncRunId(row.id),
        account_id: AccountId(row.account_id),
        region: row.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
        kind: row.kind.parse().map_err(|e| StoreError::corrupt("kind of sync", e))?,
        job_id: row.job_id.map(JobId),
        outcome: row.outcome.parse().map_err(|e| StoreError::corrupt("outcome of a sync", e))?,
        started_at: row.started_at,
        finished_at: row.finished_at,
        report: serde_json::from_value(row.report).map_err(|e| StoreError::corrupt("sync report", e))?,
        checkpoint: row.checkpoint,
        error: row.error,
    })
}
