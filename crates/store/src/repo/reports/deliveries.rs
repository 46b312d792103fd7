//! The sendings of files of reports: to whom and where to, how each stands, the links that were sent. How a sending stands is
//! told by its job until it was taken.

use chrono::{DateTime, Utc};
use domain::ids::{JobId, ReportDeliveryId, ReportRunId, UserId};
use domain::jobs::JobState;
use domain::reports::{DeliveryState, DeliveryWay};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// A sending to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The id.
    pub id: ReportDeliveryId,
    /// The run whose file is sent.
    pub run_id: ReportRunId,
    /// The way it goes.
    pub way: DeliveryWay,
    /// Whom a letter goes to.
    pub user_id: Option<UserId>,
    /// Where a webhook goes to.
    pub url: Option<String>,
    /// The job that sends it.
    pub job_id: JobId,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The id; in order of creation.
    pub id: ReportDeliveryId,
    /// The run whose file is sent.
    pub run_id: ReportRunId,
    /// The way it goes.
    pub way: DeliveryWay,
    /// Whom a letter goes to.
    pub user_id: Option<UserId>,
    /// Their e-mail address, as it is now.
    pub email: Option<String>,
    /// Whether they may sign in.
    pub enabled: bool,
    /// Where a webhook goes to.
    pub url: Option<String>,
    /// The job that sends it.
    pub job_id: Option<JobId>,
    /// How it stands.
    pub state: DeliveryState,
    /// Tries so far.
    pub tries: u32,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was taken.
    pub delivered_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    run_id: Uuid,
    way: String,
    user_id: Option<Uuid>,
    email: Option<String>,
    enabled: Option<bool>,
    url: Option<String>,
    job_id: Option<Uuid>,
    job_state: Option<String>,
    tries: i32,
    error: Option<String>,
    created_at: DateTime<Utc>,
    delivered_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for DeliveryRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let job = row.job_state.map(|state| state.parse::<JobState>()).transpose();
        let state = match (row.delivered_at, job.map_err(|e| StoreError::corrupt("state", e))?) {
            (Some(_), _) => DeliveryState::Delivered,
            (None, Some(JobState::Queued)) => DeliveryState::Waiting,
            (None, Some(JobState::Running)) => DeliveryState::Sending,
            (None, Some(JobState::Cancelled)) => DeliveryState::Cancelled,
            // A job that ended, or was forgotten, without its being taken.
            (None, Some(JobState::Done | JobState::Dead) | None) => DeliveryState::Failed,
        };
        Ok(Self {
            id: row.id.into(),
            run_id: row.run_id.into(),
            way: row.way.parse().map_err(|e| StoreError::corrupt("way", e))?,
            user_id: row.user_id.map(Into::into),
            email: row.email,
            enabled: row.enabled.unwrap_or(false),
            url: row.url,
            job_id: row.job_id.map(Into::into),
            state,
            tries: u32::try_from(row.tries).unwrap_or(0),
            error: row.error,
            created_at: row.created_at,
            delivered_at: row.delivered_at,
        })
    }
}

const SELECT: &str = "SELECT d.id, d.run_id, d.way, d.user_id, u.email, u.enabled, d.url, d.job_id, j.state AS job_state, \
     d.tries, d.error, d.created_at, d.delivered_at FROM report_delivery d LEFT JOIN app_user u ON u.id = d.user_id \
     LEFT JOIN job j ON j.id = d.job_id WHERE ";

/// Adds a sending.
///
/// # Errors
/// [`StoreError`].
pub async fn delivery_insert(conn: &impl ConnectionTrait, new: &NewDelivery) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO report_delivery (id, run_id, way, user_id, url, job_id, tries, created_at) VALUES (")
        .bind(new.id.0)
        .text(", ")
        .bind(new.run_id.0)
        .text(", ")
        .bind(new.way.as_str())
        .text(", ")
        .bind(new.user_id.map(|id| id.0))
        .text(", ")
        .bind(new.url.clone())
        .text(", ")
        .bind(new.job_id.0)
        .text(", 0, ")
        .bind(micros(new.at))
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// One sending.
///
/// # Errors
/// [`StoreError`].
pub async fn delivery_fetch(
    conn: &impl ConnectionTrait,
    id: ReportDeliveryId,
) -> Result<Option<DeliveryRecord>, StoreError> {
    let row: Option<Row> = Sql::new(conn).text(SELECT).text("d.id = ").bind(id.0).one_as(conn).await?;
    row.map(TryInto::try_into).transpose()
}

/// The sendings of these runs, in order.
///
/// # Errors
/// [`StoreError`].
pub async fn deliveries_of(
    conn: &impl ConnectionTrait,
    runs: &[ReportRunId],
) -> Result<Vec<DeliveryRecord>, StoreError> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let sql = Sql::new(conn).text(SELECT).bind_in("d.run_id", runs.iter().map(|run| run.0));
    let rows: Vec<Row> = sql.text(" ORDER BY d.run_id, d.id").all_as(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Says which job sends it from now on.
///
/// # Errors
/// [`StoreError`].
pub async fn delivery_job(conn: &impl ConnectionTrait, id: ReportDeliveryId, job: JobId) -> Result<(), StoreError> {
    let sql = Sql::new(conn).text("UPDATE report_delivery SET job_id = ").bind(job.0);
    sql.text(" WHERE id = ").bind(id.0).execute(conn).await?;
    Ok(())
}

/// Counts a try. Gives whether the sending is still there and was not taken.
///
/// # Errors
/// [`StoreError`].
pub async fn delivery_try(conn: &impl ConnectionTrait, id: ReportDeliveryId) -> Result<bool, StoreError> {
    let sql = Sql::new(conn).text("UPDATE report_delivery SET tries = tries + 1 WHERE id = ").bind(id.0);
    Ok(sql.text(" AND delivered_at IS NULL").execute(conn).await?.rows_affected() > 0)
}

/// Whether nobody has taken this sending back, up to the end of the transaction: who would waits for it, and who did comes first.
///
/// # Errors
/// [`StoreError`].
pub async fn delivery_wanted(tx: &impl ConnectionTrait, id: ReportDeliveryId) -> Result<bool, StoreError> {
    let sql = Sql::new(tx).text(
        "SELECT CASE WHEN j.cancel_requested OR j.state = 'cancelled' THEN 1 ELSE 0 END AS unwanted \
         FROM job j JOIN report_delivery d ON d.job_id = j.id WHERE d.id = ",
    );
    let row = sql.bind(id.0).either(" FOR UPDATE OF j", "").one(tx).await?;
    let unwanted: Option<i32> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(unwanted != Some(1))
}

/// Says how a try ended: taken, or why not.
///
/// # Errors
/// [`StoreError`].
pub async fn delivery_end(
    conn: &impl ConnectionTrait,
    id: ReportDeliveryId,
    end: Result<DateTime<Utc>, &str>,
) -> Result<(), StoreError> {
    let sql = Sql::new(conn).text("UPDATE report_delivery SET ");
    let sql = match end {
        Ok(at) => sql.text("error = NULL, delivered_at = ").bind(micros(at)),
        Err(error) => sql.text("error = ").bind(error),
    };
    sql.text(" WHERE id = ").bind(id.0).execute(conn).await?;
    Ok(())
}

/// Adds a link to the file of a run, beside those that were sent before, and forgets those that ended.
///
/// # Errors
/// [`StoreError`].
pub async fn link_insert(
    conn: &impl ConnectionTrait,
    run: ReportRunId,
    hash: &str,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    let ended = Sql::new(conn).text("DELETE FROM report_link WHERE run_id = ").bind(run.0);
    ended.text(" AND expires_at <= ").bind(micros(now)).execute(conn).await?;
    Sql::new(conn)
        .text("INSERT INTO report_link (hash, run_id, expires_at) VALUES (")
        .bind(hash)
        .text(", ")
        .bind(run.0)
        .text(", ")
        .bind(micros(expires_at))
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}
