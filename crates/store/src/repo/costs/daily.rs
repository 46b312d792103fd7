//! What was billed, day by day and by series: what a chart stacks.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::access::Scope;
use domain::money::{Currency, Money};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde_json::json;

use super::sums::{CostFilter, CostGroup, narrowed};
use crate::error::StoreError;
use crate::sql::{Column, Sql};

/// What one series came to on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostDaySum {
    /// The UTC day.
    pub day: NaiveDate,
    /// The number of the series.
    pub series: u32,
    /// How much, in the currency of the series.
    pub amount: Money,
    /// Whether any of it may still change.
    pub estimated: bool,
}

/// A value that belongs to a series, in one currency. Several may belong to one, all in the same currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostDayKey {
    /// The value; empty for what has none.
    pub key: String,
    /// The currency.
    pub currency: Currency,
    /// The number of the series.
    pub series: u32,
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
    series: i32,
    amount_e10: i64,
    estimated: i32,
}

/// What each day came to by series, by day and series. What belongs to none is in no sum. So the database adds up what a chart
/// shows together, and not a row for each value and day is read.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_daily(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CostFilter,
    group: &CostDayGroup,
    keys: &[CostDayKey],
) -> Result<Vec<CostDaySum>, StoreError> {
    let currencies: HashMap<u32, Currency> = keys.iter().map(|one| (one.series, one.currency)).collect();
    let rows: Vec<Row> = daily_sql(conn.get_database_backend(), scope, filter, group, keys).all_as(conn).await?;
    let read = |row: Row| {
        let series = u32::try_from(row.series).ok()?;
        let amount = Money::from_e10(row.amount_e10, *currencies.get(&series)?);
        Some(CostDaySum { day: row.day, series, amount, estimated: row.estimated != 0 })
    };
    let mut sums: Vec<_> = rows.into_iter().filter_map(read).collect();
    sums.sort_unstable_by_key(|sum| (sum.day, sum.series));
    Ok(sums)
}

/// The statement of [`cost_daily`], in no order: the database would put every row of the bill in order, not the sums.
pub(crate) fn daily_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &CostFilter,
    group: &CostDayGroup,
    keys: &[CostDayKey],
) -> Sql {
    let (table, key) = match group {
        CostDayGroup::Tag(_) => ("cost_tag_day", "c.tag_value"),
        CostDayGroup::Column(CostGroup::Account) => ("cost_day", "a.name"),
        CostDayGroup::Column(CostGroup::Region) => ("cost_day", "c.region"),
        CostDayGroup::Column(CostGroup::UsageType) => ("cost_day", "c.usage_type"),
        CostDayGroup::Column(CostGroup::Whole | CostGroup::Day | CostGroup::Month) => ("cost_day", "''"),
    };
    let sql = Sql::of(backend).text(&format!(
        "SELECT c.day, x.series, CAST(sum(c.amount_e10) AS BIGINT) AS amount_e10, \
         max(CASE WHEN c.estimated THEN 1 ELSE 0 END) AS estimated FROM {table} c"
    ));
    let by_account = *group == CostDayGroup::Column(CostGroup::Account);
    let sql = if by_account { sql.text(" JOIN account a ON a.id = c.account_id") } else { sql };
    let rows = keys.iter().map(|one| json!({ "key": one.key, "currency": one.currency, "series": one.series }));
    let columns = [("key", Column::Text), ("currency", Column::Text), ("series", Column::Int)];
    let sql = sql
        .text(" JOIN ")
        .rows(serde_json::Value::Array(rows.collect()).to_string(), &columns)
        .text(&format!(" ON x.key = {key} AND x.currency = c.currency"));
    let sql = narrowed(sql, scope, filter);
    let sql = match group {
        CostDayGroup::Tag(tag) => sql.text(" AND c.tag_key = ").bind(tag.as_str()),
        CostDayGroup::Column(_) => sql.any_of("c.region", filter.regions.iter().map(String::as_str)),
    };
    sql.text(" GROUP BY c.day, x.series")
}
