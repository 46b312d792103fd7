//! What people changed about the schedules, and when each last ticked. Which schedules there are, and their configured
//! periods, `services::schedules` knows.

use chrono::{DateTime, Utc};
use domain::ids::{JobId, UserId};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryOrder};
use uuid::Uuid;

use crate::entity::schedule;
use crate::error::StoreError;
use crate::sql::{Sql, micros};

#[cfg(test)]
mod tests;

/// What somebody changed about a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// The schedule: the name of its job.
    pub name: String,
    /// Seconds between two ticks; `None` for the configured period.
    pub period_secs: Option<u32>,
    /// Whether it does not tick.
    pub paused: bool,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// By whom; `None` for the system.
    pub updated_by: Option<UserId>,
    /// By whom, in words.
    pub updated_by_name: String,
}

/// A change of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleUpdate {
    /// The schedule: the name of its job.
    pub name: String,
    /// Seconds between two ticks; `None` for the configured period.
    pub period_secs: Option<u32>,
    /// Whether it does not tick.
    pub paused: bool,
    /// Who changes it; `None` for the system.
    pub by: Option<UserId>,
    /// Who changes it, in words.
    pub by_name: String,
    /// Now.
    pub at: DateTime<Utc>,
}

/// The last tick of something that a schedule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleTickRecord {
    /// The name under which the tick was taken: the unique key of the job.
    pub name: String,
    /// The moment it stands for.
    pub tick: DateTime<Utc>,
    /// The job it put in, or found waiting.
    pub job_id: Option<JobId>,
}

/// Every schedule that somebody changed, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn schedule_list(conn: &impl ConnectionTrait) -> Result<Vec<ScheduleRecord>, StoreError> {
    let rows = schedule::Entity::find().order_by_asc(schedule::Column::Name).all(conn).await?;
    Ok(rows.into_iter().map(record).collect())
}

/// What somebody changed about a schedule; `None` when it is as configured.
///
/// # Errors
/// [`StoreError`].
pub async fn schedule_fetch(conn: &impl ConnectionTrait, name: &str) -> Result<Option<ScheduleRecord>, StoreError> {
    Ok(schedule::Entity::find_by_id(name.to_owned()).one(conn).await?.map(record))
}

/// Changes a schedule. A period beyond 68 years is taken for 68 years.
///
/// # Errors
/// [`StoreError`].
pub async fn schedule_put(conn: &impl ConnectionTrait, update: &ScheduleUpdate) -> Result<(), StoreError> {
    let period = update.period_secs.map(|secs| i32::try_from(secs).unwrap_or(i32::MAX));
    Sql::new(conn)
        .text("INSERT INTO schedule (name, period_secs, paused, updated_at, updated_by, updated_by_name) VALUES (")
        .bind(update.name.as_str())
        .text(", ")
        .bind(period)
        .text(", ")
        .bind(update.paused)
        .text(", ")
        .bind(micros(update.at))
        .text(", ")
        .bind(update.by.map(|id| id.0))
        .text(", ")
        .bind(update.by_name.as_str())
        .text(
            ") ON CONFLICT (name) DO UPDATE SET period_secs = excluded.period_secs, paused = excluded.paused, \
             updated_at = excluded.updated_at, updated_by = excluded.updated_by, updated_by_name = excluded.updated_by_name",
        )
        .execute(conn)
        .await?;
    Ok(())
}

/// Waits until nobody else changes this schedule, and keeps others waiting until the end of the transaction: between what is
/// read and what is written nothing gets lost. A row would not do, for there may be none yet. On SQLite the transaction
/// itself is enough.
///
/// # Errors
/// [`StoreError`].
pub async fn schedule_lock(conn: &impl ConnectionTrait, name: &str) -> Result<(), StoreError> {
    let sql = Sql::new(conn);
    if sql.is_postgres() {
        sql.text("SELECT pg_advisory_xact_lock(hashtextextended(")
            .bind(format!("schedule {name}"))
            .text(", 0))")
            .all(conn)
            .await?;
    }
    Ok(())
}

/// The statement of [`schedule_last_ticks`]: from one name to the next through the key, reading two rows for each.
pub(crate) const LAST_TICKS: &str = "WITH RECURSIVE n(schedule) AS (SELECT min(t.schedule) FROM schedule_tick t \
     UNION ALL SELECT (SELECT min(t.schedule) FROM schedule_tick t WHERE t.schedule > n.schedule) FROM n \
     WHERE n.schedule IS NOT NULL) \
     SELECT t.schedule, t.tick, t.job_id FROM n JOIN schedule_tick t ON t.schedule = n.schedule \
     AND t.tick = (SELECT max(l.tick) FROM schedule_tick l WHERE l.schedule = n.schedule)";

/// The last tick of everything that schedules ask for, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn schedule_last_ticks(conn: &impl ConnectionTrait) -> Result<Vec<ScheduleTickRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        schedule: String,
        tick: DateTime<Utc>,
        job_id: Option<Uuid>,
    }
    let rows: Vec<Row> = Sql::new(conn).text(LAST_TICKS).all_as(conn).await?;
    let record = |row: Row| ScheduleTickRecord { name: row.schedule, tick: row.tick, job_id: row.job_id.map(JobId) };
    let mut last: Vec<_> = rows.into_iter().map(record).collect();
    last.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(last)
}

fn record(row: schedule::Model) -> ScheduleRecord {
    ScheduleRecord {
        name: row.name,
        period_secs: row.period_secs.map(|secs| u32::try_from(secs).unwrap_or(0)),
        paused: row.paused,
        updated_at: row.updated_at,
        updated_by: row.updated_by.map(UserId),
        updated_by_name: row.updated_by_name,
    }
}
