//! Lists of usage, page by page: groups, who was connected longest or shortest, and who not at all. The order of a sum is no
//! column, so that a page is what comes behind the cursor of all sums. Summing all is the work: the same statement counts them.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::ids::WorkspaceId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;

use super::read::TotalsRow;
use super::sums::{UsageGroup, UsageGroupTotals, from, narrowed, unused_sql};
use super::{UsageTotals, WorkspaceUsageTotals};
use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::workspaces::{SortDirection, WorkspaceFilter};
use crate::sql::Sql;

/// The largest page.
const MAX_LIMIT: u32 = 1000;

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

/// Which page: rows at most, and the cursor.
type Asked<'a> = (u32, Option<&'a str>);

/// A row, and how many there are on all pages.
#[derive(FromQueryResult)]
struct Counted<R: FromQueryResult> {
    total: i64,
    #[sea_orm(nested)]
    row: R,
}

fn rows_of(limit: u32) -> usize {
    usize::try_from(limit.clamp(1, MAX_LIMIT)).unwrap_or(1)
}

/// Reads the page that `statement` selects, with one row more than fit: it only says that there are more. `cursor` leads behind a
/// row. Behind the last one there is none to say how many there are; then the first page does.
async fn page<R: FromQueryResult, A, T>(
    conn: &impl ConnectionTrait,
    limit: u32,
    after: Option<A>,
    statement: impl Fn(u32, Option<A>) -> Sql,
    cursor: impl Fn(&R) -> String,
    read: impl Fn(R) -> T,
) -> Result<UsagePage<T>, StoreError> {
    let behind = after.is_some();
    let mut rows: Vec<Counted<R>> = statement(limit, after).all_as(conn).await?;
    let total = match rows.first() {
        Some(row) => Some(row.total),
        None if behind => statement(1, None).one_as::<Counted<R>>(conn).await?.map(|row| row.total),
        None => None,
    };
    let limit = rows_of(limit);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| cursor(&last.row));
    let total = total.and_then(|total| u64::try_from(total).ok()).unwrap_or(0);
    Ok(UsagePage { rows: rows.into_iter().map(|one| read(one.row)).collect(), next, total })
}

/// Adds how many rows of a statement are read for a page.
fn limited(sql: Sql, limit: u32) -> Sql {
    sql.text(" LIMIT ").bind(i64::try_from(rows_of(limit) + 1).unwrap_or(i64::MAX))
}

/// The sums of groups, the longest connected first; `asked` is rows at most and the cursor. A group without usage is not listed.
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
    let statement = |limit, after| groups_sql(backend, scope, filter, days, group, limit, after);
    let cursor = |row: &Row| {
        let minutes = UsageTotals::from(row.totals).minutes;
        Cursor::new(&name, row.key.clone(), i64::try_from(minutes).unwrap_or(i64::MAX)).encode()
    };
    let read = |row: Row| UsageGroupTotals { key: row.key, label: row.label, totals: row.totals.into() };
    page(conn, limit, after, statement, cursor, read).await
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
    let sums = group.sums();
    let select = format!("SELECT q.* FROM (SELECT {key} AS key, {label} AS label, {sums}, count(*) OVER () AS total");
    let sql = group.from(Sql::of(backend).text(&select), days);
    let sql = narrowed(sql, scope, filter).text(&format!(" GROUP BY {key}) q"));
    let sql = match after {
        None => sql,
        Some(after) => sql
            .text(" WHERE q.minutes < ")
            .bind(after.id)
            .text(" OR (q.minutes = ")
            .bind(after.id)
            .text(" AND q.key > ")
            .bind(after.key)
            .text(")"),
    };
    limited(sql.text(" ORDER BY q.minutes DESC, q.key"), limit)
}

/// The sums of the WorkSpaces that were connected longest (descending), or shortest of those that were at all; `asked` is rows at
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
    let after = cursor.map(|text| ranked(&Cursor::decode(text, &name)?)).transpose()?;
    let statement = |limit, after| ranking_sql(backend, scope, filter, days, direction, limit, after);
    let cursor = |row: &Row| {
        let minutes = UsageTotals::from(row.totals).minutes;
        Cursor::new(&name, minutes.to_string(), row.workspace_id).encode()
    };
    let read =
        |row: Row| WorkspaceUsageTotals { workspace_id: WorkspaceId(row.workspace_id), totals: row.totals.into() };
    page(conn, limit, after, statement, cursor, read).await
}

/// The minutes and the WorkSpace of a cursor.
fn ranked(cursor: &Cursor<Uuid>) -> Result<(i64, Uuid), StoreError> {
    Ok((cursor.key.parse().map_err(|_| StoreError::BadCursor)?, cursor.id))
}

/// The statement of a page of [`usage_ranking`], behind a WorkSpace with so many minutes.
pub(crate) fn ranking_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    direction: SortDirection,
    limit: u32,
    after: Option<(i64, Uuid)>,
) -> Sql {
    let (order, beyond) = match direction {
        SortDirection::Ascending => ("ASC", ">"),
        SortDirection::Descending => ("DESC", "<"),
    };
    let select = format!("SELECT q.* FROM (SELECT p.workspace_id, {ONE}, count(*) OVER () AS total");
    let sql = narrowed(from(Sql::of(backend).text(&select), days), scope, filter).text(") q");
    let sql = match after {
        None => sql,
        Some((minutes, id)) => sql
            .text(&format!(" WHERE q.minutes {beyond} "))
            .bind(minutes)
            .text(" OR (q.minutes = ")
            .bind(minutes)
            .text(" AND q.workspace_id > ")
            .bind(id)
            .text(")"),
    };
    limited(sql.text(&format!(" ORDER BY q.minutes {order}, q.workspace_id")), limit)
}

/// The WorkSpaces that nobody was connected to on those days, of which the last is not included, by user name, as far as that is
/// known: their usage is known from the first day on and up to `known_to` at least. `asked` is rows at most and the cursor.
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
    let after = cursor.map(|text| Cursor::<Uuid>::decode(text, &name)).transpose()?;
    let statement = |limit, after: Option<Cursor<Uuid>>| {
        let columns = "q.* FROM (SELECT w.id, w.user_key, count(*) OVER () AS total";
        let sql = unused_sql(backend, columns, scope, filter, days, known_to).text(") q");
        let sql = match after {
            None => sql,
            Some(after) => {
                sql.text(" WHERE (q.user_key, q.id) > (").bind(after.key).text(", ").bind(after.id).text(")")
            }
        };
        limited(sql.text(" ORDER BY q.user_key, q.id"), limit)
    };
    let cursor = |row: &Row| Cursor::new(&name, row.user_key.clone(), row.id).encode();
    page(conn, limit, after, statement, cursor, |row| WorkspaceId(row.id)).await
}

/// How many there are of [`usage_unused`].
///
/// # Errors
/// [`StoreError`].
pub async fn usage_unused_count(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    known_to: DateTime<Utc>,
) -> Result<u64, StoreError> {
    unused_sql(conn.get_database_backend(), "count(*)", scope, filter, days, known_to).count(conn).await
}
