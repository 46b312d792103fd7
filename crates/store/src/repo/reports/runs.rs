//! The runs of reports. How a run stands is told by its job until there is a file.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ids::{JobId, ReportId, ReportRunId};
use domain::jobs::{JobProgress, JobState};
use domain::reports::{ReportFormat, ReportRunState};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use super::deliveries::{DeliveryRecord, deliveries_of};
use crate::cursor::{Cursor, list_name};
use crate::entity::report_run;
use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// A run to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// The id.
    pub id: ReportRunId,
    /// The report.
    pub report_id: ReportId,
    /// The job that makes it.
    pub job_id: JobId,
    /// The format of its file.
    pub format: ReportFormat,
    /// Whether somebody asked for it.
    pub by_hand: bool,
    /// Now.
    pub at: DateTime<Utc>,
}

/// The file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFile {
    /// Rows in it.
    pub rows: u64,
    /// Bytes of it.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// The id; in order of creation.
    pub id: ReportRunId,
    /// The report.
    pub report_id: ReportId,
    /// The job that makes it.
    pub job_id: Option<JobId>,
    /// How it stands.
    pub state: ReportRunState,
    /// How far it is, while it runs.
    pub progress: JobProgress,
    /// The format of its file.
    pub format: ReportFormat,
    /// Whether somebody asked for it.
    pub by_hand: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the file was there.
    pub finished_at: Option<DateTime<Utc>>,
    /// The file, when it is there.
    pub file: Option<RunFile>,
    /// Why it could not be made.
    pub error: Option<String>,
    /// When the link to it ends, if there is one.
    pub link_expires_at: Option<DateTime<Utc>>,
    /// When the last of its links ends, that one and those that were sent, if there is any.
    pub links_until: Option<DateTime<Utc>>,
    /// Its sendings, in order.
    pub deliveries: Vec<DeliveryRecord>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    report_id: Uuid,
    job_id: Option<Uuid>,
    format: String,
    by_hand: bool,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    row_count: Option<i64>,
    byte_count: Option<i64>,
    sha256: Option<String>,
    link_expires_at: Option<DateTime<Utc>>,
    sent_until: Option<DateTime<Utc>>,
    job_state: Option<String>,
    progress_done: Option<i64>,
    progress_total: Option<i64>,
    progress_note: Option<String>,
    job_error: Option<String>,
}

impl TryFrom<Row> for RunRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let job = row.job_state.map(|state| state.parse::<JobState>()).transpose();
        let job = job.map_err(|e| StoreError::corrupt("state", e))?;
        let state = match (row.finished_at, job) {
            (Some(_), _) => ReportRunState::Done,
            (None, Some(JobState::Queued)) => ReportRunState::Queued,
            (None, Some(JobState::Running)) => ReportRunState::Running,
            (None, Some(JobState::Cancelled)) => ReportRunState::Cancelled,
            // A job that ended, or was forgotten, without leaving a file.
            (None, Some(JobState::Done | JobState::Dead) | None) => ReportRunState::Failed,
        };
        let n = |n: Option<i64>| u64::try_from(n.unwrap_or(0)).unwrap_or(0);
        let file = row.finished_at.and(row.sha256);
        Ok(Self {
            id: row.id.into(),
            report_id: row.report_id.into(),
            job_id: row.job_id.map(Into::into),
            state,
            progress: JobProgress {
                done: row.progress_done.unwrap_or(0),
                total: row.progress_total,
                note: row.progress_note.unwrap_or_default(),
            },
            format: row.format.parse().map_err(|e| StoreError::corrupt("format", e))?,
            by_hand: row.by_hand,
            created_at: row.created_at,
            finished_at: row.finished_at,
            file: file.map(|sha256| RunFile { rows: n(row.row_count), bytes: n(row.byte_count), sha256 }),
            error: row.job_error.filter(|_| state != ReportRunState::Done),
            link_expires_at: row.link_expires_at,
            links_until: row.link_expires_at.max(row.sent_until),
            deliveries: Vec::new(),
        })
    }
}

const SELECT: &str = "SELECT n.id, n.report_id, n.job_id, n.format, n.by_hand, n.created_at, n.finished_at, n.row_count, \
     n.byte_count, n.sha256, n.link_expires_at, (SELECT max(l.expires_at) FROM report_link l WHERE l.run_id = n.id) AS sent_until, \
     j.state AS job_state, j.progress_done, j.progress_total, j.progress_note, j.error AS job_error FROM report_run n LEFT JOIN job j ON j.id = n.job_id WHERE ";

/// Adds a run.
///
/// # Errors
/// [`StoreError`].
pub async fn run_insert(conn: &impl ConnectionTrait, new: &NewRun) -> Result<(), StoreError> {
    let row = report_run::ActiveModel {
        id: Set(new.id.0),
        report_id: Set(new.report_id.0),
        job_id: Set(Some(new.job_id.0)),
        format: Set(new.format.as_str().to_owned()),
        by_hand: Set(new.by_hand),
        created_at: Set(micros(new.at)),
        ..Default::default()
    };
    report_run::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Says that the file of a run is there. Gives whether the run was.
///
/// # Errors
/// [`StoreError`].
pub async fn run_finish(
    conn: &impl ConnectionTrait,
    id: ReportRunId,
    file: &RunFile,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let n = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let row = report_run::ActiveModel {
        finished_at: Set(Some(micros(at))),
        row_count: Set(Some(n(file.rows))),
        byte_count: Set(Some(n(file.bytes))),
        sha256: Set(Some(file.sha256.clone())),
        ..Default::default()
    };
    let found = report_run::Entity::update_many().set(row).filter(report_run::Column::Id.eq(id.0));
    Ok(found.exec(conn).await?.rows_affected > 0)
}

/// Gives a run a link instead of the one it had, until that moment.
///
/// # Errors
/// [`StoreError`].
pub async fn run_link(
    conn: &impl ConnectionTrait,
    id: ReportRunId,
    hash: &str,
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = report_run::ActiveModel {
        link_hash: Set(Some(hash.to_owned())),
        link_expires_at: Set(Some(micros(expires_at))),
        ..Default::default()
    };
    let found = report_run::Entity::update_many().set(row).filter(report_run::Column::Id.eq(id.0));
    Ok(found.exec(conn).await?.rows_affected > 0)
}

/// Takes back the links to the file of a run, the one that somebody asked for and those that were sent. Gives how many there were.
///
/// # Errors
/// [`StoreError`].
pub async fn run_unlink(conn: &impl ConnectionTrait, id: ReportRunId) -> Result<u64, StoreError> {
    let row = report_run::ActiveModel { link_hash: Set(None), link_expires_at: Set(None), ..Default::default() };
    let found = report_run::Entity::update_many().set(row).filter(report_run::Column::Id.eq(id.0));
    let asked = found.filter(report_run::Column::LinkHash.is_not_null()).exec(conn).await?.rows_affected;
    let sent = Sql::new(conn).text("DELETE FROM report_link WHERE run_id = ").bind(id.0).execute(conn).await?;
    Ok(asked + sent.rows_affected())
}

async fn one(conn: &impl ConnectionTrait, sql: Sql) -> Result<Option<RunRecord>, StoreError> {
    let row: Option<Row> = sql.one_as(conn).await?;
    Ok(whole(conn, row.into_iter().collect()).await?.pop())
}

/// The runs of these rows, with their sendings.
async fn whole(conn: &impl ConnectionTrait, rows: Vec<Row>) -> Result<Vec<RunRecord>, StoreError> {
    let runs: Vec<ReportRunId> = rows.iter().map(|row| row.id.into()).collect();
    let mut sendings: HashMap<ReportRunId, Vec<DeliveryRecord>> = HashMap::new();
    for delivery in deliveries_of(conn, &runs).await? {
        sendings.entry(delivery.run_id).or_default().push(delivery);
    }
    let with = |row: Row| {
        let run = RunRecord::try_from(row)?;
        Ok(RunRecord { deliveries: sendings.remove(&run.id).unwrap_or_default(), ..run })
    };
    rows.into_iter().map(with).collect()
}

/// A run of whatever report.
///
/// # Errors
/// [`StoreError`].
pub async fn run_fetch(conn: &impl ConnectionTrait, id: ReportRunId) -> Result<Option<RunRecord>, StoreError> {
    one(conn, Sql::new(conn).text(SELECT).text("n.id = ").bind(id.0)).await
}

/// The run whose link that is, one that somebody asked for or one that was sent, while it is good.
///
/// # Errors
/// [`StoreError`].
pub async fn run_by_link(
    conn: &impl ConnectionTrait,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<RunRecord>, StoreError> {
    let now = micros(now);
    let sql = Sql::new(conn).text(SELECT).text("n.link_hash = ").bind(hash).text(" AND n.link_expires_at > ").bind(now);
    if let Some(run) = one(conn, sql).await? {
        return Ok(Some(run));
    }
    let sent =
        Sql::new(conn).text(SELECT).text("n.id = (SELECT l.run_id FROM report_link l WHERE l.hash = ").bind(hash);
    one(conn, sent.text(" AND l.expires_at > ").bind(now).text(")")).await
}

/// A page of the runs of a report that was fetched within the scope, the newest first, and where the next one begins.
///
/// # Errors
/// [`StoreError`], with `BadCursor` for a cursor of another list.
pub async fn run_list(
    conn: &impl ConnectionTrait,
    report: ReportId,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<RunRecord>, Option<String>), StoreError> {
    let name = list_name(&format!("report-runs {report}"));
    let before = cursor.map(|cursor| Cursor::<Uuid>::decode(cursor, &name)).transpose()?.map(|cursor| cursor.id);
    let mut sql = Sql::new(conn).text(SELECT).text("n.report_id = ").bind(report.0);
    if let Some(before) = before {
        sql = sql.text(" AND n.id < ").bind(before);
    }
    let mut rows: Vec<Row> = sql.text(" ORDER BY n.id DESC LIMIT ").bind(i64::from(limit) + 1).all_as(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| Cursor::new(&name, String::new(), row.id).encode());
    Ok((whole(conn, rows).await?, next))
}

/// How many runs a report has.
///
/// # Errors
/// [`StoreError`].
pub async fn runs_of(conn: &impl ConnectionTrait, report: ReportId) -> Result<u64, StoreError> {
    Sql::new(conn).text("SELECT count(*) FROM report_run n WHERE n.report_id = ").bind(report.0).count(conn).await
}

/// The runs of a report beyond the newest `keep`, with the formats of their files.
///
/// # Errors
/// [`StoreError`].
pub async fn runs_beyond(
    conn: &impl ConnectionTrait,
    report: ReportId,
    keep: u64,
) -> Result<Vec<ReportRunId>, StoreError> {
    let sql = Sql::new(conn).text("SELECT n.id FROM report_run n WHERE n.report_id = ").bind(report.0);
    let sql = sql.text(" ORDER BY n.id DESC LIMIT 1000 OFFSET ").bind(i64::try_from(keep).unwrap_or(i64::MAX));
    ids(conn, sql).await
}

/// Those of these runs that there are.
///
/// # Errors
/// [`StoreError`].
pub async fn runs_known(conn: &impl ConnectionTrait, asked: &[ReportRunId]) -> Result<Vec<ReportRunId>, StoreError> {
    let sql = Sql::new(conn).text("SELECT n.id FROM report_run n WHERE ");
    ids(conn, sql.bind_in("n.id", asked.iter().map(|id| id.0))).await
}

async fn ids(conn: &impl ConnectionTrait, sql: Sql) -> Result<Vec<ReportRunId>, StoreError> {
    let rows = sql.all(conn).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index::<Uuid>(0)?.into())).collect()
}

/// Forgets runs.
///
/// # Errors
/// [`StoreError`].
pub async fn run_delete(conn: &impl ConnectionTrait, ids: &[ReportRunId]) -> Result<u64, StoreError> {
    let found = report_run::Entity::delete_many().filter(report_run::Column::Id.is_in(ids.iter().map(|id| id.0)));
    Ok(found.exec(conn).await?.rows_affected)
}
