//! Lists of usage, page by page: groups, who was connected longest or shortest, and who not at all. The order of a sum is no
//! column, so that a page is what comes behind the cursor of all sums.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::ids::WorkspaceId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;

use super::read::TotalsRow;
use super::sums::{SUMS, UsageGroup, UsageGroupTotals, from, narrowed, unused_sql};
use super::{UsageTotals, WorkspaceUsageTotals};
use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::workspaces::{SortDirection, WorkspaceFilter};
use crate::sql::Sql;

/// The largest page.
const MAX_LIMIT: u32 = 1000;
const MINUTES: &str = "CAST(COALESCE(sum(p.minutes), 0) AS BIGINT)";

/// The sums of one row of a period.
const ONE: &str = "CAST(1 AS BIGINT) AS workspaces, CAST(p.days AS BIGINT) AS days, CAST(p.minutes AS BIGINT) AS minutes, \
     CAST(p.hours AS BIGINT) AS hours, CAST(p.sessions AS BIGINT) AS sessions";

/// A page of such a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePage<T> {
    /// The rows, in order.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
    /// Rows in all.
    pub total: u64,
}

/// Which page.
type Asked<'a> = (u32, Option<&'a str>);

fn rows_of(limit: u32) -> usize {
    usize::try_from(limit.clamp(1, MAX_LIMIT)).unwrap_or(1)
}

/// Cuts the row off that only says that there are more, and makes the cursor that leads to it.
fn page<R, T>(
    mut rows: Vec<R>,
    limit: u32,
    cursor: impl Fn(&R) -> String,
    read: impl Fn(R) -> T,
    total: u64,
) -> UsagePage<T> {
    let limit = rows_of(limit);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(cursor);
    UsagePage { rows: rows.into_iter().map(read).collect(), next, total }
}

/// The sums of groups, the longest connected first; `page` is rows at most and the cursor. A group without usage is not listed.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn usage_groups(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    group: &UsageGroup,
    (limit, cursor): Asked<'_>,
) -> Result<UsagePage<UsageGroupTotals>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        key: String,
        label: String,
        #[sea_orm(nested)]
        totals: TotalsRow,
    }
    let backend = conn.get_database_backend();
    let name = list_name(&format!("usage groups {scope:?} {filter:?} {days:?} {group:?}"));
    let after = cursor.map(|text| Cursor::<i64>::decode(text, &name)).transpose()?;
    let rows: Vec<Row> = groups_sql(backend, scope, filter, days, group, limit, after).all_as(conn).await?;
    let (key, _) = group.columns(backend == DbBackend::Postgres);
    let all = group.from(Sql::of(backend).text("SELECT count(*) FROM (SELECT 1 AS one"), days);
    let total = narrowed(all, scope, filter).text(&format!(" GROUP BY {key}) g")).count(conn).await?;
    let cursor = |row: &Row| {
        let minutes = UsageTotals::from(row.totals).minutes;
        Cursor::new(&name, row.key.clone(), i64::try_from(minutes).unwrap_or(i64::MAX)).encode()
    };
    let read = |row: Row| UsageGroupTotals { key: row.key, label: row.label, totals: row.totals.into() };
    Ok(page(rows, limit, cursor, read, total))
}

/// The statement of a page of [`usage_groups`].
pub(crate) fn groups_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    group: &UsageGroup,
    limit: u32,
    after: Option<Cursor<i64>>,
) -> Sql {
    let (key, label) = group.columns(backend == DbBackend::Postgres);
    let select = format!("SELECT {key} AS key, {label} AS label, {SUMS}");
    let sql = group.from(Sql::of(backend).text(&select), days);
    let sql = narrowed(sql, scope, filter).text(&format!(" GROUP BY {key}"));
    let sql = match after {
        None => sql,
        Some(after) => sql
            .text(&format!(" HAVING ({MINUTES} < "))
            .bind(after.id)
            .text(&format!(" OR ({MINUTES} = "))
            .bind(after.id)
            .text(&format!(" AND {key} > "))
            .bind(after.key)
            .text("))"),
    };
    let limit = i64::try_from(rows_of(limit) + 1).unwrap_or(i64::MAX);
    sql.text(&format!(" ORDER BY minutes DESC, {key} LIMIT ")).bind(limit)
}

/// The sums of the WorkSpaces that were connected longest (descending), or shortest of those that were at all; `page` is rows at
/// most and the cursor.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn usage_ranking(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    direction: SortDirection,
    (limit, cursor): Asked<'_>,
) -> Result<UsagePage<WorkspaceUsageTotals>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: Uuid,
        #[sea_orm(nested)]
        totals: TotalsRow,
    }
    let backend = conn.get_database_backend();
    let name = list_name(&format!("usage ranking {scope:?} {filter:?} {days:?} {direction:?}"));
    let after = cursor.map(|text| Cursor::<Uuid>::decode(text, &name)).transpose()?;
    let rows: Vec<Row> = ranking_sql(backend, scope, filter, days, direction, limit, after)?.all_as(conn).await?;
    let all = from(Sql::of(backend).text("SELECT count(*)"), days);
    let total = narrowed(all, scope, filter).count(conn).await?;
    let cursor = |row: &Row| {
        let minutes = UsageTotals::from(row.totals).minutes;
        Cursor::new(&name, minutes.to_string(), row.workspace_id).encode()
    };
    let read =
        |row: Row| WorkspaceUsageTotals { workspace_id: WorkspaceId(row.workspace_id), totals: row.totals.into() };
    Ok(page(rows, limit, cursor, read, total))
}

/// The statement of a page of [`usage_ranking`].
pub(crate) fn ranking_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    direction: SortDirection,
    limit: u32,
    after: Option<Cursor<Uuid>>,
) -> Result<Sql, StoreError> {
    let (order, beyond) = match direction {
        SortDirection::Ascending => ("ASC", ">"),
        SortDirection::Descending => ("DESC", "<"),
    };
    let sql = from(Sql::of(backend).text("SELECT p.workspace_id, ").text(ONE), days);
    let sql = narrowed(sql, scope, filter);
    let sql = match after {
        None => sql,
        Some(after) => {
            let minutes: i64 = after.key.parse().map_err(|_| StoreError::BadCursor)?;
            sql.text(&format!(" AND (p.minutes {beyond} "))
                .bind(minutes)
                .text(" OR (p.minutes = ")
                .bind(minutes)
                .text(" AND p.workspace_id > ")
                .bind(after.id)
                .text("))")
        }
    };
    let limit = i64::try_from(rows_of(limit) + 1).unwrap_or(i64::MAX);
    Ok(sql.text(&format!(" ORDER BY minutes {order}, p.workspace_id LIMIT ")).bind(limit))
}

/// The WorkSpaces that nobody was connected to on those days, of which the last is not included, by user name, as far as that is
/// known: their usage is known from the first day on and up to `known_to` at least. `page` is rows at most and the cursor.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn usage_unused(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    known_to: DateTime<Utc>,
    (limit, cursor): Asked<'_>,
) -> Result<UsagePage<WorkspaceId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        user_key: String,
    }
    let backend = conn.get_database_backend();
    let name = list_name(&format!("usage unused {scope:?} {filter:?} {days:?}"));
    let total = unused_sql(backend, "count(*)", scope, filter, days, known_to).count(conn).await?;
    let mut sql = unused_sql(backend, "w.id, w.user_key", scope, filter, days, known_to);
    if let Some(cursor) = cursor {
        let after = Cursor::<Uuid>::decode(cursor, &name)?;
        sql = sql.text(" AND (w.user_key, w.id) > (").bind(after.key).text(", ").bind(after.id).text(")");
    }
    let rows = i64::try_from(rows_of(limit) + 1).unwrap_or(i64::MAX);
    let rows: Vec<Row> = sql.text(" ORDER BY w.user_key, w.id LIMIT ").bind(rows).all_as(conn).await?;
    let cursor = |row: &Row| Cursor::new(&name, row.user_key.clone(), row.id).encode();
    Ok(page(rows, limit, cursor, |row| WorkspaceId(row.id), total))
}
