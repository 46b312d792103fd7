//! Reading usage: of one WorkSpace for people, of many for the sync, and sums.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::cloud::Metric;
use domain::ids::{AccountId, Region, WorkspaceId};
use domain::usage::{ConnectedInterval, HourMask};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::{MetricDayRow, UsageDayRow, metric_name};
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_workspaces};
use crate::sql::{Column, Sql, micros, time_text};

/// The columns of [`DayRow`].
pub(super) const DAY_COLUMNS: &str =
    "d.day, d.hour_mask, d.connected_minutes, d.sessions, d.first_at, d.last_at, d.resolution_secs";

#[derive(FromQueryResult)]
pub(super) struct DayRow {
    pub(super) day: NaiveDate,
    hour_mask: i32,
    connected_minutes: i32,
    sessions: i32,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    resolution_secs: i32,
}

impl TryFrom<DayRow> for UsageDayRow {
    type Error = StoreError;

    fn try_from(row: DayRow) -> Result<Self, StoreError> {
        let mask = u32::try_from(row.hour_mask).map_err(|e| StoreError::corrupt("hour mask", e))?;
        Ok(Self {
            day: row.day,
            hour_mask: HourMask::try_from(mask).map_err(|e| StoreError::corrupt("hour mask", e))?,
            connected_minutes: u32::try_from(row.connected_minutes).unwrap_or(0),
            sessions: u32::try_from(row.sessions).unwrap_or(0),
            first_at: row.first_at,
            last_at: row.last_at,
            resolution_secs: u32::try_from(row.resolution_secs).unwrap_or(0),
        })
    }
}

#[derive(FromQueryResult)]
struct IntervalRow {
    workspace_id: Uuid,
    started_at: DateTime<Utc>,
    ended_at: DateTime<Utc>,
}

impl IntervalRow {
    fn interval(&self) -> ConnectedInterval {
        ConnectedInterval { start: self.started_at.timestamp(), end: self.ended_at.timestamp() }
    }
}

/// The days of a WorkSpace on which somebody was connected, in order; `to` is not included.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_days(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    workspace: WorkspaceId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<UsageDayRow>, StoreError> {
    let rows: Vec<DayRow> = days_sql(conn.get_database_backend(), scope, workspace, from, to).all_as(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The statement of [`usage_days`].
pub(crate) fn days_sql(
    backend: DbBackend,
    scope: &Scope,
    workspace: WorkspaceId,
    from: NaiveDate,
    to: NaiveDate,
) -> Sql {
    let sql = Sql::of(backend)
        .text("SELECT ")
        .text(DAY_COLUMNS)
        .text(" FROM usage_day d JOIN workspace w ON w.id = d.workspace_id WHERE d.workspace_id = ")
        .bind(workspace.0)
        .text(" AND d.day >= ")
        .bind(from)
        .text(" AND d.day < ")
        .bind(to);
    scoped_workspaces(sql, scope, Purpose::All).text(" ORDER BY d.day")
}

/// The intervals of a WorkSpace that are at least partly within `from` and `to`, in order and as they are kept: one may
/// begin before and end after.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_intervals(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    workspace: WorkspaceId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<ConnectedInterval>, StoreError> {
    let rows: Vec<IntervalRow> =
        intervals_sql(conn.get_database_backend(), scope, workspace, from, to).all_as(conn).await?;
    Ok(rows.iter().map(IntervalRow::interval).collect())
}

/// The statement of [`usage_intervals`].
pub(crate) fn intervals_sql(
    backend: DbBackend,
    scope: &Scope,
    workspace: WorkspaceId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Sql {
    // Intervals don't overlap: the last one that began by `from` is the only one that may reach into the stretch.
    let sql = Sql::of(backend)
        .text(
            "SELECT i.workspace_id, i.started_at, i.ended_at FROM usage_interval i JOIN workspace w ON w.id = i.workspace_id \
             WHERE i.workspace_id = ",
        )
        .bind(workspace.0)
        .text(" AND i.started_at >= COALESCE((SELECT max(p.started_at) FROM usage_interval p WHERE p.workspace_id = ")
        .bind(workspace.0)
        .text(" AND p.started_at <= ")
        .bind(micros(from))
        .text("), ")
        .bind(micros(from))
        .text(") AND i.started_at < ")
        .bind(micros(to))
        .text(" AND i.ended_at > ")
        .bind(micros(from));
    scoped_workspaces(sql, scope, Purpose::All).text(" ORDER BY i.started_at")
}

/// The intervals of WorkSpaces that are at least partly within `from` and `to` or touch them, in order and as they are
/// kept. For the sync: it has no scope, and WorkSpaces without an interval are not in the answer.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_intervals_many(
    conn: &impl ConnectionTrait,
    workspaces: &[WorkspaceId],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<HashMap<WorkspaceId, Vec<ConnectedInterval>>, StoreError> {
    let mut found = HashMap::new();
    for some in workspaces.chunks(super::BATCH) {
        found.extend(intervals_of(conn, some.iter().map(|id| (*id, from, to))).await?);
    }
    Ok(found)
}

/// The intervals that lie in each WorkSpace's stretch of time or touch it, in order.
pub(super) async fn intervals_of(
    conn: &impl ConnectionTrait,
    windows: impl Iterator<Item = (WorkspaceId, DateTime<Utc>, DateTime<Utc>)>,
) -> Result<HashMap<WorkspaceId, Vec<ConnectedInterval>>, StoreError> {
    let windows: Vec<_> =
        windows.map(|(id, from, to)| json!({ "id": id, "first": time_text(from), "last": time_text(to) })).collect();
    let windows = serde_json::Value::Array(windows).to_string();
    let mut found: HashMap<WorkspaceId, Vec<ConnectedInterval>> = HashMap::new();
    for row in windows_sql(conn.get_database_backend(), windows).all(conn).await? {
        // By place: of a hundred thousand rows a month, finding each column by its name is a good part of reading.
        let (workspace_id, started_at, ended_at) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let row = IntervalRow { workspace_id, started_at, ended_at };
        found.entry(WorkspaceId(row.workspace_id)).or_default().push(row.interval());
    }
    found.values_mut().for_each(|pieces| pieces.sort_unstable());
    Ok(found)
}

/// The statement of [`usage_intervals_many`].
pub(crate) fn windows_sql(backend: DbBackend, windows: String) -> Sql {
    let columns = [("id", Column::Uuid), ("first", Column::Time), ("last", Column::Time)];
    Sql::of(backend)
        .text("SELECT i.workspace_id, i.started_at, i.ended_at FROM ")
        .rows(windows, &columns)
        .text(
            " CROSS JOIN usage_interval i WHERE i.workspace_id = x.id AND i.started_at >= COALESCE((SELECT max(p.started_at) \
             FROM usage_interval p WHERE p.workspace_id = x.id AND p.started_at <= x.first), x.first) \
             AND i.started_at <= x.last AND i.ended_at >= x.first",
        )
}

/// The daily measures of a WorkSpace, by day and measure; `to` is not included.
///
/// # Errors
/// [`StoreError`].
pub async fn metric_days(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    workspace: WorkspaceId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<MetricDayRow>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        day: NaiveDate,
        metric: String,
        average: f64,
        maximum: f64,
    }
    let rows: Vec<Row> = metric_days_sql(conn.get_database_backend(), scope, workspace, from, to).all_as(conn).await?;
    rows.into_iter()
        .map(|row| {
            let metric = Metric::ALL.iter().find(|metric| metric_name(**metric) == row.metric);
            let metric = *metric.ok_or_else(|| StoreError::corrupt("name of a measure", row.metric))?;
            let (average, maximum) = (row.average, row.maximum);
            Ok(MetricDayRow { workspace_id: workspace, day: row.day, metric, average, maximum })
        })
        .collect()
}

/// The statement of [`metric_days`].
pub(crate) fn metric_days_sql(
    backend: DbBackend,
    scope: &Scope,
    workspace: WorkspaceId,
    from: NaiveDate,
    to: NaiveDate,
) -> Sql {
    let sql = Sql::of(backend)
        .text(
            "SELECT d.day, d.metric, d.average, d.maximum FROM metric_day d JOIN workspace w ON w.id = d.workspace_id \
             WHERE d.workspace_id = ",
        )
        .bind(workspace.0)
        .text(" AND d.day >= ")
        .bind(from)
        .text(" AND d.day < ")
        .bind(to);
    scoped_workspaces(sql, scope, Purpose::All).text(" ORDER BY d.day, d.metric")
}

/// Sums of usage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageTotals {
    /// WorkSpaces with any usage.
    pub workspaces: u64,
    /// Days with usage, each counted for each WorkSpace.
    pub days: u64,
    /// Connected minutes.
    pub minutes: u64,
    /// Hours of the clock in which somebody was connected.
    pub hours: u64,
    /// Sessions.
    pub sessions: u64,
}

/// Sums of usage of one WorkSpace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkspaceUsageTotals {
    /// The WorkSpace.
    pub workspace_id: WorkspaceId,
    /// Its sums.
    pub totals: UsageTotals,
}

#[derive(Clone, Copy, FromQueryResult)]
pub(super) struct TotalsRow {
    workspaces: i64,
    days: i64,
    minutes: i64,
    hours: i64,
    sessions: i64,
}

impl From<TotalsRow> for UsageTotals {
    fn from(row: TotalsRow) -> Self {
        let n = |n: i64| u64::try_from(n).unwrap_or(0);
        Self {
            workspaces: n(row.workspaces),
            days: n(row.days),
            minutes: n(row.minutes),
            hours: n(row.hours),
            sessions: n(row.sessions),
        }
    }
}

const SUMS: &str = "count(DISTINCT d.workspace_id) AS workspaces, count(*) AS days, \
     CAST(COALESCE(sum(d.connected_minutes), 0) AS BIGINT) AS minutes, CAST(COALESCE(sum(d.hours), 0) AS BIGINT) AS hours, \
     CAST(COALESCE(sum(d.sessions), 0) AS BIGINT) AS sessions";

/// Adds the tables and conditions of sums.
fn summed(
    sql: Sql,
    scope: &Scope,
    account: Option<AccountId>,
    region: Option<&Region>,
    from: NaiveDate,
    to: NaiveDate,
) -> Sql {
    let mut sql = sql
        .text(" FROM usage_day d JOIN workspace w ON w.id = d.workspace_id WHERE d.day >= ")
        .bind(from)
        .text(" AND d.day < ")
        .bind(to);
    if let Some(account) = account {
        sql = sql.text(" AND w.account_id = ").bind(account.0);
    }
    if let Some(region) = region {
        sql = sql.text(" AND w.region = ").bind(region.as_str());
    }
    scoped_workspaces(sql, scope, Purpose::All)
}

/// Sums of usage over the days from `from` to `to`, which is not included, of one account and region or all.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_totals(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
    region: Option<&Region>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<UsageTotals, StoreError> {
    let sql = Sql::new(conn).text("SELECT ").text(SUMS);
    let row: Option<TotalsRow> = summed(sql, scope, account, region, from, to).one_as(conn).await?;
    Ok(row.map(UsageTotals::from).unwrap_or_default())
}

/// [`usage_totals`] of each WorkSpace that has any, by id.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_totals_by_workspace(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
    region: Option<&Region>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<WorkspaceUsageTotals>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: Uuid,
        #[sea_orm(nested)]
        totals: TotalsRow,
    }
    let sql = Sql::new(conn).text("SELECT d.workspace_id, ").text(SUMS);
    let sql = summed(sql, scope, account, region, from, to).text(" GROUP BY d.workspace_id ORDER BY d.workspace_id");
    let rows: Vec<Row> = sql.all_as(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| WorkspaceUsageTotals { workspace_id: WorkspaceId(row.workspace_id), totals: row.totals.into() })
        .collect())
}
