//! The shape of usage: in which hours of the week people are connected, how many are, and how many WorkSpaces were connected for
//! how many hours.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::usage::HourMask;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use super::UsageTotals;
use super::read::TotalsRow;
use super::rollups::{answers, people_sql, week_counts, weekday};
use super::sums::{SUMS, from, from_each_day, narrowed};
use crate::error::StoreError;
use crate::repo::workspaces::WorkspaceFilter;
use crate::sql::Sql;

/// The hours of the week.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageWeek {
    /// Monday first, then by hour (UTC): on how many days of how many WorkSpaces somebody was connected.
    pub hours: [[u64; 24]; 7],
    /// The first day with any usage.
    pub first: Option<NaiveDate>,
}

/// In which hours of the week somebody was connected, over days of which the last is not included.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_week(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Result<UsageWeek, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        weekday: i32,
        hour_mask: i32,
        n: i64,
        first: NaiveDate,
    }
    if answers(scope, filter) {
        let (first, hours) = week_counts(conn, scope, filter, days).await?;
        return Ok(UsageWeek { hours, first });
    }
    let mut week = UsageWeek::default();
    let rows: Vec<Row> = week_sql(conn.get_database_backend(), scope, filter, days).all_as(conn).await?;
    for row in rows {
        let mask = u32::try_from(row.hour_mask).map_err(|e| StoreError::corrupt("hour mask", e))?;
        let mask = HourMask::try_from(mask).map_err(|e| StoreError::corrupt("hour mask", e))?;
        let hours = usize::try_from(row.weekday).ok().and_then(|weekday| week.hours.get_mut(weekday));
        for (hour, count) in hours.into_iter().flatten().enumerate() {
            if mask.bits() >> hour & 1 == 1 {
                *count += u64::try_from(row.n).unwrap_or(0);
            }
        }
        week.first = week.first.into_iter().chain([row.first]).min();
    }
    Ok(week)
}

/// The statement of [`usage_week`] where the fleet's days don't tell: the days of each pattern of hours, of which there are few; the hours are counted outside.
pub(crate) fn week_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Sql {
    let weekday = weekday("p.day", backend == DbBackend::Postgres);
    let sql =
        Sql::of(backend).text(&format!("SELECT {weekday} AS weekday, p.hour_mask, count(*) AS n, min(p.day) AS first"));
    narrowed(from_each_day(sql, days), scope, filter).text(" GROUP BY 1, 2")
}

/// Sums of usage over days, of which the last is not included, and of how many people.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_sum_people(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Result<(UsageTotals, u64), StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        people: i64,
        #[sea_orm(nested)]
        totals: TotalsRow,
    }
    let sql = if answers(scope, filter) {
        people_sql(conn.get_database_backend(), scope, filter, days)
    } else {
        narrowed(
            from(Sql::new(conn).text("SELECT count(DISTINCT w.user_key) AS people, ").text(SUMS), days),
            scope,
            filter,
        )
    };
    let row: Option<Row> = sql.one_as(conn).await?;
    Ok(row.map(|row| (row.totals.into(), u64::try_from(row.people).unwrap_or(0))).unwrap_or_default())
}

/// How many WorkSpaces were connected for how many whole hours over days, of which the last is not included; of those that were
/// at all, from few hours to many.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_hours(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Result<Vec<(u32, u64)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        hours: i64,
        n: i64,
    }
    let rows: Vec<Row> = hours_sql(conn.get_database_backend(), scope, filter, days).all_as(conn).await?;
    let read = |row: Row| (u32::try_from(row.hours).unwrap_or(0), u64::try_from(row.n).unwrap_or(0));
    Ok(rows.into_iter().map(read).collect())
}

/// The statement of [`usage_hours`].
pub(crate) fn hours_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Sql {
    let sql =
        Sql::of(backend).text("SELECT x.hours, count(*) AS n FROM (SELECT CAST(p.minutes / 60 AS BIGINT) AS hours");
    narrowed(from(sql, days), scope, filter).text(") x GROUP BY x.hours ORDER BY x.hours")
}
