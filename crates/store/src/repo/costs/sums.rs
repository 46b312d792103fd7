//! What was billed, summed: in all, by account, region, day, month, usage type or the value of a tag. Two currencies are two
//! sums. Costs are of whole accounts: a scope that reaches no account as a whole sees none.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::ids::AccountId;
use domain::money::Money;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use crate::error::StoreError;
use crate::repo::scope::scoped_bills;
use crate::sql::Sql;

/// What costs are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostGroup {
    /// Nothing: the sum.
    Whole,
    /// The account, by its name.
    Account,
    /// The region, as AWS bills it; empty for none.
    Region,
    /// The UTC day, as `2026-11-21`.
    Day,
    /// The UTC month, as `2026-11`.
    Month,
    /// The usage type.
    UsageType,
}

/// Which costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostFilter {
    /// The accounts. None of them is none, not all.
    pub account_ids: Vec<AccountId>,
    /// Regions as AWS bills them; none of them is all.
    pub regions: Vec<String>,
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

/// What one group came to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostSum {
    /// The value; empty for the whole, and for what has none.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// Whether any of it may still change.
    pub estimated: bool,
}

#[derive(FromQueryResult)]
struct Row {
    key: String,
    currency: String,
    amount_e10: i64,
    estimated: i32,
}

impl TryFrom<Row> for CostSum {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let currency = row.currency.parse().map_err(|e| StoreError::corrupt("currency", e))?;
        Ok(Self { key: row.key, amount: Money::from_e10(row.amount_e10, currency), estimated: row.estimated != 0 })
    }
}

const SUMS: &str = "c.currency, CAST(sum(c.amount_e10) AS BIGINT) AS amount_e10, \
     max(CASE WHEN c.estimated THEN 1 ELSE 0 END) AS estimated";

/// What each group came to, by currency: days and months in their order, others the dearest first.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_sums(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CostFilter,
    group: CostGroup,
) -> Result<Vec<CostSum>, StoreError> {
    let rows: Vec<Row> = sums_sql(conn.get_database_backend(), scope, filter, group).all_as(conn).await?;
    rows.into_iter().map(CostSum::try_from).collect()
}

/// The statement of [`cost_sums`].
pub(crate) fn sums_sql(backend: DbBackend, scope: &Scope, filter: &CostFilter, group: CostGroup) -> Sql {
    let sql = Sql::of(backend);
    let key = match group {
        CostGroup::Whole => "''",
        CostGroup::Account => "a.name",
        CostGroup::Region => "c.region",
        CostGroup::Day => "CAST(c.day AS text)",
        CostGroup::Month if sql.is_postgres() => "to_char(c.day, 'YYYY-MM')",
        CostGroup::Month => "strftime('%Y-%m', c.day)",
        CostGroup::UsageType => "c.usage_type",
    };
    let sql = sql.text(&format!("SELECT {key} AS key, {SUMS} FROM cost_day c"));
    let sql = if group == CostGroup::Account { sql.text(" JOIN account a ON a.id = c.account_id") } else { sql };
    let sql = narrowed(sql, scope, filter).any_of("c.region", filter.regions.iter().map(String::as_str));
    let dearest = if matches!(group, CostGroup::Day | CostGroup::Month) { "" } else { ", amount_e10 DESC" };
    match group {
        CostGroup::Whole => sql.text(" GROUP BY c.currency ORDER BY c.currency"),
        _ => sql.text(&format!(" GROUP BY {key}, c.currency ORDER BY c.currency{dearest}, {key}")),
    }
}

/// What each value of a tag came to, by currency, the dearest first; the value is empty for what is untagged. Regions do not
/// narrow it: Cost Explorer gives two keys at a time.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_tag_sums(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CostFilter,
    tag_key: &str,
) -> Result<Vec<CostSum>, StoreError> {
    let rows: Vec<Row> = tag_sums_sql(conn.get_database_backend(), scope, filter, tag_key).all_as(conn).await?;
    rows.into_iter().map(CostSum::try_from).collect()
}

/// The statement of [`cost_tag_sums`].
pub(crate) fn tag_sums_sql(backend: DbBackend, scope: &Scope, filter: &CostFilter, tag_key: &str) -> Sql {
    let sql = Sql::of(backend).text(&format!("SELECT c.tag_value AS key, {SUMS} FROM cost_tag_day c"));
    narrowed(sql, scope, filter)
        .text(" AND c.tag_key = ")
        .bind(tag_key)
        .text(" GROUP BY c.tag_value, c.currency ORDER BY c.currency, amount_e10 DESC, c.tag_value")
}

/// Adds WHERE with the accounts and days: the beginning of both tables' keys.
pub(super) fn narrowed(sql: Sql, scope: &Scope, filter: &CostFilter) -> Sql {
    let sql = sql.text(" WHERE ").bind_in("c.account_id", filter.account_ids.iter().map(|id| id.0));
    scoped_bills(sql, scope, "c").text(" AND c.day >= ").bind(filter.from).text(" AND c.day < ").bind(filter.to)
}

#[cfg(test)]
mod tests;
