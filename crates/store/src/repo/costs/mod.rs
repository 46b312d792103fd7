//! What was billed, by UTC day: by usage type and region, and by the value of a tag. Amounts and quantities are whole
//! numbers of 1e-10. What a day will come to is not here, nor prices (`repo::prices`).

mod daily;
mod lines;
mod page;
mod prune;
mod replace;
mod sums;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::ids::AccountId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

#[cfg(test)]
pub(crate) use daily::daily_sql as cost_daily_sql;
pub use daily::{CostDayGroup, CostDayKey, CostDaySum, cost_daily};
pub(crate) use lines::BILLING_EVENTS;
pub use lines::{BillingEvent, CostLine, billing_events, compute_types_of_usage, cost_lines, usage_known_of};
#[cfg(test)]
pub(crate) use lines::{events_sql as billing_events_sql, known_sql as usage_known_sql, lines_sql as cost_lines_sql};
pub use page::{CostPage, cost_page, ordered_page};
pub use prune::{api_spend_prune, cost_day_prune, cost_tag_day_prune};
pub use replace::{cost_days_replace, cost_tag_days_replace};
pub use sums::{CostFilter, CostGroup, CostSum, cost_sums, cost_tag_sums};
#[cfg(test)]
pub(crate) use sums::{sums_sql as cost_sums_sql, tag_sums_sql as cost_tag_sums_sql};

use crate::entity::{cost_day, cost_tag_day};
use crate::error::StoreError;
use crate::sql::Sql;

/// What was billed of one usage type on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostDayRow {
    /// The UTC day.
    pub day: NaiveDate,
    /// The region, as AWS bills it; empty for none.
    pub region: String,
    /// The usage type, such as `USE1-AW-HW-2-AutoStop-Usage`.
    pub usage_type: String,
    /// Unblended cost, 1e-10.
    pub amount_e10: i64,
    /// How much was used, 1e-10.
    pub quantity_e10: i64,
    /// Of what.
    pub unit: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Whether it may still change.
    pub estimated: bool,
    /// When it was read, for the first time with these values.
    pub read_at: DateTime<Utc>,
}

/// What was billed on one day under one value of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostTagDayRow {
    /// The UTC day.
    pub day: NaiveDate,
    /// The tag's key.
    pub tag_key: String,
    /// Its value; empty for untagged.
    pub tag_value: String,
    /// Unblended cost, 1e-10.
    pub amount_e10: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Whether it may still change.
    pub estimated: bool,
    /// When it was read, for the first time with these values.
    pub read_at: DateTime<Utc>,
}

/// What a month came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostMonth {
    /// The account.
    pub account_id: AccountId,
    /// The first day of the month.
    pub month: NaiveDate,
    /// ISO 4217 code; a month with two currencies has two of these.
    pub currency: String,
    /// The sum, 1e-10.
    pub amount_e10: i64,
    /// Whether any of it may still change.
    pub estimated: bool,
}

/// The costs of an account by day, region and usage type; `to` is not included.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_days(
    conn: &impl ConnectionTrait,
    account: AccountId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<CostDayRow>, StoreError> {
    let rows = days_select(account, from, to).all(conn).await?;
    Ok(rows.into_iter().map(day_row).collect())
}

/// The statement of [`cost_days`].
pub(crate) fn days_select(account: AccountId, from: NaiveDate, to: NaiveDate) -> Select<cost_day::Entity> {
    cost_day::Entity::find()
        .filter(cost_day::Column::AccountId.eq(account.0))
        .filter(cost_day::Column::Day.gte(from))
        .filter(cost_day::Column::Day.lt(to))
        .order_by_asc(cost_day::Column::Day)
        .order_by_asc(cost_day::Column::Region)
        .order_by_asc(cost_day::Column::UsageType)
}

/// The costs of an account by day, tag and value; `to` is not included.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_tag_days(
    conn: &impl ConnectionTrait,
    account: AccountId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<CostTagDayRow>, StoreError> {
    let rows = tag_days_select(account, from, to).all(conn).await?;
    Ok(rows.into_iter().map(tag_day_row).collect())
}

/// The statement of [`cost_tag_days`].
pub(crate) fn tag_days_select(account: AccountId, from: NaiveDate, to: NaiveDate) -> Select<cost_tag_day::Entity> {
    cost_tag_day::Entity::find()
        .filter(cost_tag_day::Column::AccountId.eq(account.0))
        .filter(cost_tag_day::Column::Day.gte(from))
        .filter(cost_tag_day::Column::Day.lt(to))
        .order_by_asc(cost_tag_day::Column::Day)
        .order_by_asc(cost_tag_day::Column::TagKey)
        .order_by_asc(cost_tag_day::Column::TagValue)
}

/// What each month came to, of one account or all, by account and month. A month without costs is not listed.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_total_by_month(
    conn: &impl ConnectionTrait,
    account: Option<AccountId>,
) -> Result<Vec<CostMonth>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: Uuid,
        month: NaiveDate,
        currency: String,
        amount_e10: i64,
        estimated: i32,
    }
    let month = |sql: Sql| sql.either("CAST(date_trunc('month', day) AS date)", "date(day, 'start of month')");
    let sql = month(Sql::new(conn).text("SELECT account_id, ")).text(
        " AS month, currency, CAST(sum(amount_e10) AS BIGINT) AS amount_e10, \
             max(CASE WHEN estimated THEN 1 ELSE 0 END) AS estimated FROM cost_day",
    );
    let sql = match account {
        Some(account) => sql.text(" WHERE account_id = ").bind(account.0),
        None => sql,
    };
    let sql = month(sql.text(" GROUP BY account_id, ")).text(", currency ORDER BY account_id, ");
    let rows: Vec<Row> = month(sql).text(", currency").all_as(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| CostMonth {
            account_id: AccountId(row.account_id),
            month: row.month,
            currency: row.currency,
            amount_e10: row.amount_e10,
            estimated: row.estimated != 0,
        })
        .collect())
}

/// The last day that will not change any more: the one before the first estimated day, or the last of all when none is
/// estimated. `None` when there is none yet.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_last_final_day(
    conn: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Option<NaiveDate>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        first: Option<NaiveDate>,
        last: Option<NaiveDate>,
        open: Option<NaiveDate>,
    }
    let row: Option<Row> = cost_last_final_sql(conn.get_database_backend(), account).one_as(conn).await?;
    let Some(row) = row else { return Ok(None) };
    let Some((first, last)) = row.first.zip(row.last) else { return Ok(None) };
    let last_final = match row.open.and_then(|open| open.checked_sub_days(Days::new(1))) {
        Some(before) => before.min(last),
        None => last,
    };
    Ok((last_final >= first).then_some(last_final))
}

/// The statement of [`cost_last_final_day`].
pub(crate) fn cost_last_final_sql(backend: DbBackend, account: AccountId) -> Sql {
    Sql::of(backend)
        .text(
            "SELECT min(day) AS first, max(day) AS last, min(CASE WHEN estimated THEN day END) AS open FROM cost_day \
             WHERE account_id = ",
        )
        .bind(account.0)
}

fn day_row(row: cost_day::Model) -> CostDayRow {
    CostDayRow {
        day: row.day,
        region: row.region,
        usage_type: row.usage_type,
        amount_e10: row.amount_e10,
        quantity_e10: row.quantity_e10,
        unit: row.unit,
        currency: row.currency,
        estimated: row.estimated,
        read_at: row.read_at,
    }
}

fn tag_day_row(row: cost_tag_day::Model) -> CostTagDayRow {
    CostTagDayRow {
        day: row.day,
        tag_key: row.tag_key,
        tag_value: row.tag_value,
        amount_e10: row.amount_e10,
        currency: row.currency,
        estimated: row.estimated,
        read_at: row.read_at,
    }
}
