//! What our own paid requests to AWS cost, by UTC day and service. What a request costs is `services`.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::ids::AccountId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::entity::api_spend;
use crate::error::StoreError;
use crate::repo::scope::whole_accounts;
use crate::sql::Sql;

#[cfg(test)]
mod tests;

/// What the requests of one account to one service cost on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiSpendRecord {
    /// The account.
    pub account_id: AccountId,
    /// The UTC day.
    pub day: NaiveDate,
    /// The service as IAM names it, such as `ce`.
    pub service: String,
    /// Requests sent that cost something.
    pub requests: i64,
    /// What they cost, 1e-10 USD.
    pub amount_e10: i64,
}

/// Adds requests and what they cost to a day.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn api_spend_add(
    conn: &impl ConnectionTrait,
    account: AccountId,
    day: NaiveDate,
    service: &str,
    requests: i64,
    amount_e10: i64,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO api_spend (account_id, day, service, requests, amount_e10) VALUES (")
        .bind(account.0)
        .text(", ")
        .bind(day)
        .text(", ")
        .bind(service)
        .text(", ")
        .bind(requests)
        .text(", ")
        .bind(amount_e10)
        .text(
            ") ON CONFLICT (account_id, day, service) DO UPDATE SET requests = api_spend.requests + excluded.requests, \
             amount_e10 = api_spend.amount_e10 + excluded.amount_e10",
        )
        .execute(conn)
        .await?;
    Ok(())
}

/// What requests cost, by account, day and service, of one account or all that lie wholly within the scope; `to` is not
/// included.
///
/// # Errors
/// [`StoreError`].
pub async fn api_spend_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<ApiSpendRecord>, StoreError> {
    let rows = selected(scope, account, from, to).all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| ApiSpendRecord {
            account_id: AccountId(row.account_id),
            day: row.day,
            service: row.service,
            requests: row.requests,
            amount_e10: row.amount_e10,
        })
        .collect())
}

/// The statement of [`api_spend_list`].
pub(crate) fn selected(
    scope: &Scope,
    account: Option<AccountId>,
    from: NaiveDate,
    to: NaiveDate,
) -> Select<api_spend::Entity> {
    let mut rows = api_spend::Entity::find()
        .filter(api_spend::Column::Day.gte(from))
        .filter(api_spend::Column::Day.lt(to))
        .order_by_asc(api_spend::Column::AccountId)
        .order_by_asc(api_spend::Column::Day)
        .order_by_asc(api_spend::Column::Service);
    if let Some(account) = account {
        rows = rows.filter(api_spend::Column::AccountId.eq(account.0));
    }
    if let Some(within) = whole_accounts(scope) {
        rows = rows.filter(api_spend::Column::AccountId.is_in(within));
    }
    rows
}
