//! Usage summed over what a filter leaves of the fleet: in all, by group, by day or month. Lists of groups and WorkSpaces that are
//! read page by page are in `pages`, days by series in `daily`, hours of the week and bins in `shapes`, how far it is known in `known`.
//!
//! What concerns a whole period comes from the sums that are kept of each WorkSpace (`rollups::period`), what concerns a day from
//! those of the fleet where they answer the question, otherwise from those of each WorkSpace, and from the days themselves where
//! a week was forgotten in part.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::ids::WorkspaceId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use super::read::TotalsRow;
use super::rollups::{answers, by_day, by_day_sql, period, used};
use super::{UsageDayGroup, UsageDaySum, UsageTotals};
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::repo::teams::user_key;
use crate::repo::workspaces::{WorkspaceFilter, WorkspaceGroup, conditions};
use crate::sql::{Sql, micros};

/// What usage is told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageGroup {
    /// What the WorkSpaces are told apart by.
    Of(WorkspaceGroup),
    /// The UTC day, as `2026-11-21`.
    Day,
    /// The UTC month, as `2026-11`.
    Month,
    /// The teams of the person whose desktop it is, by name. Somebody in two teams counts in both.
    Team,
}

impl UsageGroup {
    /// Whether it tells days apart, not WorkSpaces.
    pub(super) fn is_time(&self) -> bool {
        matches!(self, Self::Day | Self::Month)
    }

    /// The sums over rows `p` of one group.
    pub(super) fn sums(&self) -> Cow<'static, str> {
        match self {
            Self::Of(_) | Self::Day => SUMS.into(),
            // A WorkSpace has a row for each of its days, or for each person whose desktop it may be.
            Self::Month | Self::Team => SUMS.replacen("count(*)", "count(DISTINCT p.workspace_id)", 1).into(),
        }
    }

    /// Adds the tables of sums over days, of which the last is not included, and those that key and label look at.
    pub(super) fn from(&self, sql: Sql, days: (NaiveDate, NaiveDate)) -> Sql {
        self.joins(if self.is_time() { from_each_day(sql, days) } else { from(sql, days) })
    }

    /// Adds the tables that key and label look at, behind the table of WorkSpaces, `w`.
    pub(super) fn joins(&self, sql: Sql) -> Sql {
        match self {
            Self::Of(group) => group.joins(sql),
            Self::Day | Self::Month => sql,
            Self::Team => of_teams(sql),
        }
    }

    /// The expressions of value and name.
    pub(super) fn columns(&self, postgres: bool) -> (&'static str, &'static str) {
        let same = |text| (text, text);
        match self {
            Self::Of(group) => (group.key(), group.label()),
            Self::Day => same("CAST(p.day AS text)"),
            Self::Month if postgres => same("to_char(p.day, 'YYYY-MM')"),
            Self::Month => same("strftime('%Y-%m', p.day)"),
            Self::Team => same(TEAM),
        }
    }
}

impl From<UsageDayGroup> for UsageGroup {
    fn from(group: UsageDayGroup) -> Self {
        match group {
            UsageDayGroup::Of(group) => Self::Of(group),
            UsageDayGroup::Team => Self::Team,
        }
    }
}

/// The name of a team of [`of_teams`]; empty for who is in none.
pub(super) const TEAM: &str = "COALESCE(gm.name, '')";

/// Adds the teams of the person whose desktop a WorkSpace `w` is: a row for each.
pub(super) fn of_teams(sql: Sql) -> Sql {
    user_key(sql.text(" LEFT JOIN (SELECT DISTINCT t.name, ")).text(
        " AS user_key FROM team_member m JOIN team t ON t.id = m.team_id JOIN app_user u ON u.id = m.user_id) gm \
         ON gm.user_key = w.user_key",
    )
}

/// Sums of usage of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageGroupTotals {
    /// The value; empty for those without one.
    pub key: String,
    /// What it is called; the value itself where it has no name.
    pub label: String,
    /// The sums.
    pub totals: UsageTotals,
}

/// The sums over rows `p`, of which every WorkSpace is one.
pub(super) const SUMS: &str = "count(*) AS workspaces, CAST(COALESCE(sum(p.days), 0) AS BIGINT) AS days, \
     CAST(COALESCE(sum(p.minutes), 0) AS BIGINT) AS minutes, CAST(COALESCE(sum(p.hours), 0) AS BIGINT) AS hours, \
     CAST(COALESCE(sum(p.sessions), 0) AS BIGINT) AS sessions";

/// Adds the tables of sums over days, of which the last is not included: what each WorkSpace `w` came to, as `p`.
pub(super) fn from(sql: Sql, days: (NaiveDate, NaiveDate)) -> Sql {
    period(sql.text(" FROM "), days).text(" JOIN workspace w ON w.id = p.workspace_id")
}

/// The same with a row `p` for each day.
pub(super) fn from_each_day(sql: Sql, days: (NaiveDate, NaiveDate)) -> Sql {
    sql.text(
        " FROM (SELECT d.workspace_id, d.day, d.hour_mask, 1 AS days, d.connected_minutes AS minutes, d.hours, d.sessions \
         FROM usage_day d WHERE d.day >= ",
    )
    .bind(days.0)
    .text(" AND d.day < ")
    .bind(days.1)
    .text(") p JOIN workspace w ON w.id = p.workspace_id")
}

/// Adds which WorkSpaces: of those that the filter leaves, the ones with usage on these days.
pub(super) fn narrowed(sql: Sql, scope: &Scope, filter: &WorkspaceFilter) -> Sql {
    conditions(sql, Purpose::All, scope, filter).text(" AND p.days > 0")
}

/// Sums of usage over days, of which the last is not included, of the WorkSpaces that the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_sum(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Result<UsageTotals, StoreError> {
    let sql = from(Sql::new(conn).text("SELECT ").text(SUMS), days);
    let row: Option<TotalsRow> = narrowed(sql, scope, filter).one_as(conn).await?;
    Ok(row.map(UsageTotals::from).unwrap_or_default())
}

/// The same by group: of days and months in their order, of others the longest connected first. A group without usage is not
/// listed.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_sums_by(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    group: &UsageGroup,
) -> Result<Vec<UsageGroupTotals>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        key: String,
        label: String,
        #[sea_orm(nested)]
        totals: TotalsRow,
    }
    if *group == UsageGroup::Day
        && !answers(scope, filter)
        && let Some(found) = by_day(conn, scope, filter, days, None).await?
    {
        let totals = |one: UsageDaySum| {
            let key = one.day.to_string();
            UsageGroupTotals { label: key.clone(), key, totals: one.totals }
        };
        return Ok(found.into_iter().map(totals).collect());
    }
    let rows: Vec<Row> = by_sql(conn.get_database_backend(), scope, filter, days, group).all_as(conn).await?;
    let totals = |row: Row| UsageGroupTotals { key: row.key, label: row.label, totals: row.totals.into() };
    Ok(rows.into_iter().map(totals).collect())
}

/// The statement of [`usage_sums_by`].
pub(crate) fn by_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    group: &UsageGroup,
) -> Sql {
    if *group == UsageGroup::Day && answers(scope, filter) {
        return by_day_sql(backend, scope, filter, days);
    }
    let sql = Sql::of(backend);
    let (key, label) = group.columns(sql.is_postgres());
    let select = format!("SELECT {key} AS key, {label} AS label, {}", group.sums());
    let sql = group.from(sql.text(&select), days);
    let order = if group.is_time() { "" } else { "minutes DESC, " };
    narrowed(sql, scope, filter).text(&format!(" GROUP BY {key} ORDER BY {order}{key}"))
}

/// The sums of the groups with these values, by value. A group without usage is none of them.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_sums_of(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    group: &UsageGroup,
    keys: &[&str],
) -> Result<HashMap<String, UsageTotals>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        key: String,
        #[sea_orm(nested)]
        totals: TotalsRow,
    }
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = Sql::new(conn);
    let (key, _) = group.columns(sql.is_postgres());
    let sql = group.from(sql.text(&format!("SELECT {key} AS key, {}", group.sums())), days);
    let sql = narrowed(sql, scope, filter).any_of(key, keys.iter().copied()).text(&format!(" GROUP BY {key}"));
    let rows: Vec<Row> = sql.all_as(conn).await?;
    Ok(rows.into_iter().map(|row| (row.key, row.totals.into())).collect())
}

/// Of the WorkSpaces that nobody was connected to on those days, of which the last is not included, as far as that is known (their
/// usage is known from the first day on and up to `known_to` at least), these columns.
pub(crate) fn unused_sql(
    backend: DbBackend,
    select: &str,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    known_to: DateTime<Utc>,
) -> Sql {
    let begin = days.0.and_time(chrono::NaiveTime::MIN).and_utc();
    let sql = Sql::of(backend).text("SELECT ").text(select).text(" FROM workspace w LEFT JOIN ");
    let sql = used(sql, days).text(" ON p.workspace_id = w.id");
    conditions(sql, Purpose::All, scope, filter)
        .text(" AND EXISTS (SELECT 1 FROM usage_coverage c WHERE c.workspace_id = w.id AND c.covered_from <= ")
        .bind(micros(begin))
        .text(" AND c.covered_to >= ")
        .bind(micros(known_to))
        .text(") AND p.workspace_id IS NULL")
}

/// The WorkSpaces that the filter leaves that were connected on these days, of which the last is not included, in no order.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_active_ids(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Result<Vec<WorkspaceId>, StoreError> {
    let rows = narrowed(from(Sql::new(conn).text("SELECT w.id"), days), scope, filter).all(conn).await?;
    rows.iter().map(|row| Ok(WorkspaceId(row.try_get_by_index(0)?))).collect()
}

/// The WorkSpaces that the filter leaves whose usage is known from one moment to another, in no order.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_known_ids(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<WorkspaceId>, StoreError> {
    let sql = Sql::new(conn).text("SELECT w.id FROM workspace w JOIN usage_coverage c ON c.workspace_id = w.id");
    let rows = conditions(sql, Purpose::All, scope, filter)
        .text(" AND c.covered_from <= ")
        .bind(micros(from))
        .text(" AND c.covered_to >= ")
        .bind(micros(to))
        .all(conn)
        .await?;
    rows.iter().map(|row| Ok(WorkspaceId(row.try_get_by_index(0)?))).collect()
}

#[cfg(test)]
mod tests;
