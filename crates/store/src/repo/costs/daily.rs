//! What was billed, day by day and by another key: what a chart stacks.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::money::Money;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use super::sums::{CostFilter, CostGroup, narrowed};
use crate::error::StoreError;
use crate::sql::Sql;

/// What one group came to on one day, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostDaySum {
    /// The UTC day.
    pub day: NaiveDate,
    /// The value of the group; empty for what has none.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// Whether any of it may still change.
    pub estimated: bool,
}

/// What each day is told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostDayGroup {
    /// A column of the bill; [`CostGroup::Day`] and [`CostGroup::Month`] tell a day no further.
    Column(CostGroup),
    /// The value of the tag with this key. Regions do not narrow it: Cost Explorer gives two keys at a time.
    Tag(String),
}

#[derive(FromQueryResult)]
struct Row {
    day: NaiveDate,
    key: String,
    currency: String,
    amount_e10: i64,
    estimated: i32,
}

/// What each day came to by group, a sum for each currency, by day, currency and value.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_daily(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CostFilter,
    group: &CostDayGroup,
) -> Result<Vec<CostDaySum>, StoreError> {
    let rows: Vec<Row> = daily_sql(conn.get_database_backend(), scope, filter, group).all_as(conn).await?;
    let read = |row: Row| {
        let currency = row.currency.parse().map_err(|e| StoreError::corrupt("currency", e))?;
        let amount = Money::from_e10(row.amount_e10, currency);
        Ok(CostDaySum { day: row.day, key: row.key, amount, estimated: row.estimated != 0 })
    };
    rows.into_iter().map(read).collect()
}

/// The statement of [`cost_daily`].
pub(crate) fn daily_sql(backend: DbBackend, scope: &Scope, filter: &CostFilter, group: &CostDayGroup) -> Sql {
    let (table, key) = match group {
        CostDayGroup::Tag(_) => ("cost_tag_day", "c.tag_value"),
        CostDayGroup::Column(CostGroup::Account) => ("cost_day", "a.name"),
        CostDayGroup::Column(CostGroup::Region) => ("cost_day", "c.region"),
        CostDayGroup::Column(CostGroup::UsageType) => ("cost_day", "c.usage_type"),
        CostDayGroup::Column(CostGroup::Whole | CostGroup::Day | CostGroup::Month) => ("cost_day", "''"),
    };
    let sql = Sql::of(backend).text(&format!(
        "SELECT c.day, {key} AS key, c.currency, CAST(sum(c.amount_e10) AS BIGINT) AS amount_e10, \
         max(CASE WHEN c.estimated THEN 1 ELSE 0 END) AS estimated FROM {table} c"
    ));
    let by_account = *group == CostDayGroup::Column(CostGroup::Account);
    let sql = if by_account { sql.text(" JOIN account a ON a.id = c.account_id") } else { sql };
    let mut sql = narrowed(sql, scope, filter);
    match group {
        CostDayGroup::Tag(tag) => sql = sql.text(" AND c.tag_key = ").bind(tag.as_str()),
        CostDayGroup::Column(_) if !filter.regions.is_empty() => {
            sql = sql.text(" AND ").bind_in("c.region", filter.regions.iter().map(String::as_str));
        }
        CostDayGroup::Column(_) => {}
    }
    // A constant is no column to group by.
    let key = if key == "''" { String::new() } else { format!(", {key}") };
    sql.text(&format!(" GROUP BY c.day, c.currency{key} ORDER BY c.day, c.currency{key}"))
}
