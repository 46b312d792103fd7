//! What exports read beside the lists: the tags of many WorkSpaces, the usage of many, and costs row by row.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::access::Scope;
use domain::ids::{AccountId, WorkspaceId};
use domain::money::Money;
use domain::workspace::Tags;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::costs::CostFilter;
use crate::repo::scope::scoped_bills;
use crate::sql::Sql;

/// The tags of WorkSpaces that were read within the scope.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_tags_many(
    conn: &impl ConnectionTrait,
    ids: &[WorkspaceId],
) -> Result<HashMap<WorkspaceId, Tags>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: Uuid,
        key: String,
        value: String,
    }
    let sql = Sql::new(conn).text("SELECT t.workspace_id, t.key, t.value FROM workspace_tag t WHERE ");
    let rows: Vec<Row> = sql.bind_in("t.workspace_id", ids.iter().map(|id| id.0)).all_as(conn).await?;
    let mut found: HashMap<WorkspaceId, Tags> = HashMap::new();
    for row in rows {
        found.entry(WorkspaceId(row.workspace_id)).or_default().insert(row.key, row.value);
    }
    Ok(found)
}

/// The usage of a WorkSpace over some days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageOfWorkspace {
    /// Days with usage.
    pub days: i64,
    /// Connected minutes.
    pub minutes: i64,
    /// Hours of the clock in which somebody was connected.
    pub hours: i64,
    /// Sessions.
    pub sessions: i64,
    /// The first day with usage.
    pub first: Option<NaiveDate>,
    /// The last day with usage.
    pub last: Option<NaiveDate>,
}

/// The usage of WorkSpaces that were read within the scope, over days of which the last is not included; those without any are
/// left out.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_of_many(
    conn: &impl ConnectionTrait,
    ids: &[WorkspaceId],
    days: (NaiveDate, NaiveDate),
) -> Result<HashMap<WorkspaceId, UsageOfWorkspace>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: Uuid,
        days: i64,
        minutes: i64,
        hours: i64,
        sessions: i64,
        first: Option<NaiveDate>,
        last: Option<NaiveDate>,
    }
    let rows: Vec<Row> = usage_sql(conn.get_database_backend(), ids, days).all_as(conn).await?;
    let usage = |row: Row| {
        let Row { workspace_id, days, minutes, hours, sessions, first, last } = row;
        (WorkspaceId(workspace_id), UsageOfWorkspace { days, minutes, hours, sessions, first, last })
    };
    Ok(rows.into_iter().map(usage).collect())
}

/// The statement of [`usage_of_many`].
pub(crate) fn usage_sql(backend: DbBackend, ids: &[WorkspaceId], days: (NaiveDate, NaiveDate)) -> Sql {
    let select = "SELECT d.workspace_id, count(*) AS days, CAST(COALESCE(sum(d.connected_minutes), 0) AS BIGINT) AS minutes, \
                  CAST(COALESCE(sum(d.hours), 0) AS BIGINT) AS hours, \
                  CAST(COALESCE(sum(d.sessions), 0) AS BIGINT) AS sessions, min(d.day) AS first, max(d.day) AS last \
                  FROM usage_day d WHERE ";
    let sql = Sql::of(backend).text(select).bind_in("d.workspace_id", ids.iter().map(|id| id.0));
    sql.text(" AND d.day >= ").bind(days.0).text(" AND d.day < ").bind(days.1).text(" GROUP BY d.workspace_id")
}

/// What one usage type of one region of one account came to on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// The account.
    pub account_id: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The UTC day.
    pub day: NaiveDate,
    /// The region as AWS bills it; empty for none.
    pub region: String,
    /// The usage type.
    pub usage_type: String,
    /// How much.
    pub amount: Money,
    /// How many units, 1e-10 of them.
    pub quantity_e10: i64,
    /// The unit.
    pub unit: String,
    /// Whether it may still change.
    pub estimated: bool,
}

/// A page of costs.
#[derive(Debug, Clone, PartialEq)]
pub struct CostPage {
    /// The rows, by account and day.
    pub rows: Vec<CostRow>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    account_id: Uuid,
    account_name: String,
    day: NaiveDate,
    region: String,
    usage_type: String,
    amount_e10: i64,
    quantity_e10: i64,
    unit: String,
    currency: String,
    estimated: bool,
}

/// A page of what was billed, by account, day, region and usage type.
///
/// # Errors
/// [`StoreError`], with `BadCursor` for a cursor of another filter.
pub async fn cost_page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CostFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<CostPage, StoreError> {
    type Place = (Uuid, NaiveDate, String, String);
    let name = list_name(&format!("costs {scope:?} {filter:?}"));
    let after = cursor.map(|cursor| Cursor::<Place>::decode(cursor, &name)).transpose()?.map(|cursor| cursor.id);
    let mut rows: Vec<Row> =
        cost_sql(conn.get_database_backend(), scope, filter, after, limit.saturating_add(1)).all_as(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let place = |row: &Row| (row.account_id, row.day, row.region.clone(), row.usage_type.clone());
    let next = rows.last().filter(|_| more).map(|row| Cursor::new(&name, String::new(), place(row)).encode());
    let rows = rows.into_iter().map(cost_row).collect::<Result<_, _>>()?;
    Ok(CostPage { rows, next })
}

/// How many rows all the pages of [`cost_page`] have.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_count(conn: &impl ConnectionTrait, scope: &Scope, filter: &CostFilter) -> Result<u64, StoreError> {
    billed(Sql::new(conn).text("SELECT count(*) FROM cost_day c WHERE "), scope, filter).count(conn).await
}

fn cost_row(row: Row) -> Result<CostRow, StoreError> {
    let currency = row.currency.parse().map_err(|e| StoreError::corrupt("currency", e))?;
    Ok(CostRow {
        account_id: AccountId(row.account_id),
        account_name: row.account_name,
        day: row.day,
        region: row.region,
        usage_type: row.usage_type,
        amount: Money::from_e10(row.amount_e10, currency),
        quantity_e10: row.quantity_e10,
        unit: row.unit,
        estimated: row.estimated,
    })
}

/// The statement of [`cost_page`].
pub(crate) fn cost_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &CostFilter,
    after: Option<(Uuid, NaiveDate, String, String)>,
    limit: u32,
) -> Sql {
    let sql = Sql::of(backend).text(
        "SELECT c.account_id, a.name AS account_name, c.day, c.region, c.usage_type, c.amount_e10, c.quantity_e10, c.unit, \
         c.currency, c.estimated FROM cost_day c JOIN account a ON a.id = c.account_id WHERE ",
    );
    let mut sql = billed(sql, scope, filter);
    if let Some((account, day, region, usage_type)) = after {
        sql = sql.text(" AND (c.account_id, c.day, c.region, c.usage_type) > (").bind(account).text(", ").bind(day);
        sql = sql.text(", ").bind(region.as_str()).text(", ").bind(usage_type.as_str()).text(")");
    }
    sql.text(" ORDER BY c.account_id, c.day, c.region, c.usage_type LIMIT ").bind(i64::from(limit))
}

/// What a filter leaves of the rows `c`.
fn billed(sql: Sql, scope: &Scope, filter: &CostFilter) -> Sql {
    let sql = sql.bind_in("c.account_id", filter.account_ids.iter().map(|id| id.0));
    let sql = scoped_bills(sql, scope, "c").text(" AND c.day >= ").bind(filter.from);
    sql.text(" AND c.day < ").bind(filter.to).any_of("c.region", filter.regions.iter().map(String::as_str))
}
