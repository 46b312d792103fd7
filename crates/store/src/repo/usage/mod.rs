//! Usage: connected time of each WorkSpace as intervals, what it makes of each UTC day, and daily measures. What the
//! intervals mean is `domain::usage`; when they are read from CloudWatch is `services`.
//!
//! Writing is set-based: a batch of thousands of WorkSpaces is a handful of statements, and what did not change is not
//! written. Sums of days are kept beside them (`rollups`). To add a daily measure: a name in [`metric_name`].

mod daily;
mod known;
mod pages;
mod read;
pub(crate) mod rollups;
mod shapes;
mod sums;
mod window;

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use domain::cloud::Metric;
use domain::ids::WorkspaceId;
use domain::usage::{ConnectedInterval, HourMask};
use sea_orm::ConnectionTrait;
use serde_json::json;

#[cfg(test)]
pub(crate) use daily::daily_sql as usage_daily_sql;
pub use daily::{UsageDayGroup, UsageDaySum, UsageSeries, usage_daily};
pub use known::{UsageKnown, usage_known, usage_known_of};
pub use pages::{UsagePage, usage_groups, usage_ranking, usage_unused, usage_unused_count};
#[cfg(test)]
pub(crate) use pages::{groups_sql as usage_groups_sql, ranking_sql as usage_ranking_sql};
pub use read::{
    UsageTotals, WorkspaceUsageTotals, metric_days, usage_days, usage_intervals, usage_intervals_many, usage_totals,
    usage_totals_by_workspace,
};
#[cfg(test)]
pub(crate) use read::{days_sql, intervals_sql, metric_days_sql, windows_sql};
pub use rollups::usage_months_mend;
#[cfg(test)]
pub(crate) use rollups::{people_sql as usage_people_sql, week_sql as fleet_week_sql, weekly_sql as usage_weekly_sql};
pub use shapes::{UsageWeek, usage_hours, usage_sum_people, usage_week};
#[cfg(test)]
pub(crate) use shapes::{hours_sql as usage_hours_sql, week_sql as usage_week_sql};
pub use sums::{
    UsageGroup, UsageGroupTotals, usage_active_ids, usage_known_ids, usage_sum, usage_sums_by, usage_sums_of,
};
#[cfg(test)]
pub(crate) use sums::{by_sql as usage_by_sql, unused_sql as usage_unused_sql};
pub use window::usage_window_replace;

use crate::error::StoreError;
use crate::repo::estimate_marks;
use crate::sql::{Column, Sql, micros};

/// Rows in one statement at most.
const BATCH: usize = 4000;

/// What one UTC day of a WorkSpace was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageDayRow {
    /// The UTC day.
    pub day: NaiveDate,
    /// The hours in which somebody was connected.
    pub hour_mask: HourMask,
    /// Connected time, minutes.
    pub connected_minutes: u32,
    /// Sessions that began on this day.
    pub sessions: u32,
    /// The first connected moment.
    pub first_at: DateTime<Utc>,
    /// The end of the last connected time.
    pub last_at: DateTime<Utc>,
    /// Seconds between the points it was made from: 300, or 3600 where only hours were still to be had.
    pub resolution_secs: u32,
}

/// What was read of one WorkSpace for a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceUsage {
    /// The WorkSpace.
    pub workspace_id: WorkspaceId,
    /// The beginning of the stretch.
    pub from: DateTime<Utc>,
    /// Its end, not included.
    pub to: DateTime<Utc>,
    /// The connected time within it.
    pub intervals: Vec<ConnectedInterval>,
    /// The days that the stretch touches, as they are now; a day that is not here has no usage. For a day that the stretch
    /// covers only in part the rest must be in it too ([`usage_intervals_many`]).
    pub days: Vec<UsageDayRow>,
}

/// What a replacement of usage did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageOutcome {
    /// Intervals that were written or deleted.
    pub intervals: u64,
    /// Days that were written or deleted.
    pub days: u64,
    /// WorkSpaces that are not known; nothing was written for them.
    pub unknown: u64,
}

/// A measure of one UTC day of a WorkSpace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricDayRow {
    /// The WorkSpace.
    pub workspace_id: WorkspaceId,
    /// The UTC day.
    pub day: NaiveDate,
    /// What was measured.
    pub metric: Metric,
    /// The mean.
    pub average: f64,
    /// The largest.
    pub maximum: f64,
}

/// The name of a measure in the database.
fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::UserConnected => "connected",
        Metric::Available => "available",
        Metric::CpuUsage => "cpu",
        Metric::MemoryUsage => "memory",
        Metric::RootVolumeDiskUsage => "root_disk",
        Metric::UserVolumeDiskUsage => "user_disk",
        Metric::InSessionLatency => "latency",
    }
}

/// Brings in daily measures. Values that are no numbers and WorkSpaces that are not known are passed over. Gives how many
/// are new or differ.
///
/// # Errors
/// [`StoreError`].
pub async fn metric_day_put_many(conn: &impl ConnectionTrait, rows: &[MetricDayRow]) -> Result<u64, StoreError> {
    let mut rows: Vec<_> = rows.iter().filter(|row| row.average.is_finite() && row.maximum.is_finite()).collect();
    // Of two the later one holds, and in order of key two writers don't cross.
    let key = |row: &MetricDayRow| (row.workspace_id, row.day, metric_name(row.metric));
    rows.reverse();
    rows.sort_by_key(|row| key(row));
    rows.dedup_by_key(|row| key(row));
    let columns = [
        ("workspace_id", Column::Uuid),
        ("day", Column::Date),
        ("metric", Column::Text),
        ("average", Column::Float),
        ("maximum", Column::Float),
    ];
    let mut written = 0;
    for batch in rows.chunks(BATCH) {
        let rows: Vec<_> = batch
            .iter()
            .map(|row| {
                json!({
                    "workspace_id": row.workspace_id, "day": row.day, "metric": metric_name(row.metric),
                    "average": row.average, "maximum": row.maximum,
                })
            })
            .collect();
        written += Sql::new(conn)
            .text(
                "INSERT INTO metric_day (workspace_id, day, metric, average, maximum) \
                 SELECT x.workspace_id, x.day, x.metric, x.average, x.maximum FROM ",
            )
            .rows(serde_json::Value::Array(rows).to_string(), &columns)
            .text(
                " WHERE EXISTS (SELECT 1 FROM workspace w WHERE w.id = x.workspace_id) \
                 ON CONFLICT (workspace_id, day, metric) DO UPDATE SET average = excluded.average, \
                 maximum = excluded.maximum WHERE metric_day.average <> excluded.average \
                 OR metric_day.maximum <> excluded.maximum",
            )
            .execute(conn)
            .await?
            .rows_affected();
    }
    Ok(written)
}

/// Forgets intervals that began and ended before that moment, at most `limit` of them: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_interval_prune(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, StoreError> {
    let before = micros(before);
    let gone = Sql::new(conn)
        .text(
            "DELETE FROM usage_interval WHERE (workspace_id, started_at) IN (SELECT p.workspace_id, p.started_at \
             FROM usage_interval p WHERE p.started_at < ",
        )
        .bind(before)
        .text(" AND p.ended_at < ")
        .bind(before)
        .text(" ORDER BY p.started_at LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .text(")")
        .execute(conn)
        .await?
        .rows_affected();
    if gone > 0 {
        estimate_marks::mark_all(conn).await?;
    }
    Ok(gone)
}

/// Forgets days of usage before that day, at most `limit` of them: call it until it gives none, each time in a transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_day_prune(conn: &impl ConnectionTrait, before: NaiveDate, limit: u64) -> Result<u64, StoreError> {
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    rollups::forget(conn, before, rows).await?;
    let sql = Sql::new(conn).text("DELETE FROM usage_day WHERE (workspace_id, day) IN (");
    let gone = rollups::oldest(sql, "workspace_id, day", before, rows).text(")").execute(conn).await?.rows_affected();
    if gone < limit {
        rollups::drop_before(conn, before).await?;
    }
    if gone > 0 {
        estimate_marks::mark_all(conn).await?;
    }
    Ok(gone)
}

/// Forgets daily measures before that day, at most `limit` of them: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn metric_day_prune(conn: &impl ConnectionTrait, before: NaiveDate, limit: u64) -> Result<u64, StoreError> {
    let key = "workspace_id, day, metric";
    let gone = Sql::new(conn)
        .text(&format!("DELETE FROM metric_day WHERE ({key}) IN (SELECT {key} FROM metric_day WHERE day < "))
        .bind(before)
        .text(" ORDER BY day LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .text(")")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}
