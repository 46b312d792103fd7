//! Usage day by day and by series: what a chart stacks. The fleet's days answer it where they tell apart what is asked, the weeks of
//! WorkSpaces otherwise, and the days themselves only where a week was forgotten in part: as for days alone.

use chrono::NaiveDate;
use domain::access::Scope;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use super::UsageTotals;
use super::read::TotalsRow;
use super::rollups::{answers, by_day, by_series_sql, tells};
use super::sums::{SUMS, TEAM, from_each_day, narrowed, of_teams};
use crate::error::StoreError;
use crate::repo::workspaces::{WorkspaceFilter, WorkspaceGroup};
use crate::sql::Sql;

/// What each day can be told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageDayGroup {
    /// What the WorkSpaces are told apart by.
    Of(WorkspaceGroup),
    /// The teams of the person whose desktop it is, by name. Somebody in two teams counts in both.
    Team,
}

/// What days are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSeries {
    /// What the WorkSpaces are told apart by.
    pub group: UsageDayGroup,
    /// The values that are a series each, by their places. All others are one together, behind them.
    pub keys: Vec<String>,
}

/// What one series came to on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageDaySum {
    /// The UTC day.
    pub day: NaiveDate,
    /// The place of the series.
    pub series: usize,
    /// The sums.
    pub totals: UsageTotals,
}

impl UsageDayGroup {
    /// Adds the tables that `key` looks at, behind the table of WorkSpaces, `w`.
    pub(super) fn joins(&self, sql: Sql) -> Sql {
        match self {
            Self::Of(group) => group.joins(sql),
            Self::Team => of_teams(sql),
        }
    }

    /// The expression of the value.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Of(group) => group.key(),
            Self::Team => TEAM,
        }
    }
}

impl UsageSeries {
    /// Adds the place of the series that a value belongs to; `key` is the expression of the value.
    pub(super) fn place(&self, sql: Sql, key: &str) -> Sql {
        if self.keys.is_empty() {
            return sql.text("CAST(0 AS integer)");
        }
        let case = |sql: Sql, (at, value): (usize, &String)| {
            sql.text(&format!(" WHEN {key} = ")).bind(value.as_str()).text(&format!(" THEN {at}"))
        };
        self.keys.iter().enumerate().fold(sql.text("CASE"), case).text(&format!(" ELSE {} END", self.keys.len()))
    }
}

/// What each day with any usage came to by series, in the order of days; the last day is not included. On one day a WorkSpace is in
/// one series, so that their sums are those of the day. By team it is in each of its person's: also among the others, which are the
/// sums of their teams.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_daily(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    series: &UsageSeries,
) -> Result<Vec<UsageDaySum>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        day: NaiveDate,
        series: i32,
        #[sea_orm(nested)]
        totals: TotalsRow,
    }
    let kept = answers(scope, filter) && tells(&series.group);
    if !kept && let Some(found) = by_day(conn, scope, filter, days, Some(series)).await? {
        return Ok(found);
    }
    let rows: Vec<Row> = daily_sql(conn.get_database_backend(), scope, filter, days, series).all_as(conn).await?;
    let read = |row: Row| UsageDaySum {
        day: row.day,
        series: usize::try_from(row.series).unwrap_or(series.keys.len()),
        totals: row.totals.into(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The statement of [`usage_daily`] but for what weeks answer.
pub(crate) fn daily_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    series: &UsageSeries,
) -> Sql {
    if answers(scope, filter) && tells(&series.group) {
        return by_series_sql(backend, scope, filter, days, series);
    }
    let sql = series.place(Sql::of(backend).text("SELECT p.day, "), series.group.key());
    let sql = series.group.joins(from_each_day(sql.text(&format!(" AS series, {SUMS}")), days));
    narrowed(sql, scope, filter).text(" GROUP BY 1, 2 ORDER BY 1, 2")
}
