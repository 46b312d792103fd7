//! Budgets, and which of their thresholds were crossed when. What is spent of one is summed by `repo::costs`.

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::ids::{AccountId, BudgetId, Region};
use domain::money::Money;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::scope::whole_accounts;
use crate::sql::{Sql, micros};

/// What a budget is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BudgetReach {
    /// All accounts.
    Everything,
    /// One account.
    Account(AccountId),
    /// A region, in every account.
    Region(Region),
    /// What carries a tag with that value.
    Tag {
        /// The tag's key.
        key: String,
        /// Its value.
        value: String,
    },
}

impl BudgetReach {
    fn kind(&self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Account(_) => "account",
            Self::Region(_) => "region",
            Self::Tag { .. } => "tag",
        }
    }
}

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetRecord {
    /// The id.
    pub id: BudgetId,
    /// The name; unique without regard to case (`uq_budget_name`).
    pub name: String,
    /// What it is for.
    pub reach: BudgetReach,
    /// How much a month.
    pub amount: Money,
    /// At how many percent of it somebody should hear, ascending.
    pub thresholds: Vec<u16>,
    /// Rises with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A page of budgets, by name without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetPage {
    /// The budgets.
    pub rows: Vec<BudgetRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    sort_key: String,
    reach_kind: String,
    account_id: Option<Uuid>,
    region: Option<String>,
    tag_key: Option<String>,
    tag_value: Option<String>,
    amount_e10: i64,
    currency: String,
    thresholds: Value,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for BudgetRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let missing = || StoreError::corrupt("reach of a budget", row.reach_kind.clone());
        let reach = match row.reach_kind.as_str() {
            "everything" => BudgetReach::Everything,
            "account" => BudgetReach::Account(AccountId(row.account_id.ok_or_else(missing)?)),
            "region" => {
                let region = row.region.as_deref().ok_or_else(missing)?;
                BudgetReach::Region(region.parse().map_err(|e| StoreError::corrupt("region", e))?)
            }
            "tag" => {
                let (key, value) = row.tag_key.zip(row.tag_value).ok_or_else(missing)?;
                BudgetReach::Tag { key, value }
            }
            _ => return Err(missing()),
        };
        let currency = row.currency.parse().map_err(|e| StoreError::corrupt("currency", e))?;
        let thresholds = serde_json::from_value(row.thresholds).map_err(|e| StoreError::corrupt("thresholds", e))?;
        Ok(Self {
            id: BudgetId(row.id),
            name: row.name,
            reach,
            amount: Money::from_e10(row.amount_e10, currency),
            thresholds,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// A budget of an account is for those who see all of the account; every other one is about all accounts.
fn scoped(sql: Sql, scope: &Scope) -> Sql {
    match whole_accounts(scope) {
        None => sql,
        Some(accounts) => sql.text(" AND b.reach_kind = 'account' AND ").bind_in("b.account_id", accounts),
    }
}

const SELECT: &str = "SELECT b.*, lower(b.name) AS sort_key FROM budget b WHERE 1 = 1";

/// A page of budgets.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn budget_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    cursor: Option<&str>,
    limit: u32,
) -> Result<BudgetPage, StoreError> {
    let name = list_name(&format!("budgets {scope:?}"));
    let mut sql = scoped(Sql::new(conn).text(SELECT), scope);
    if let Some(cursor) = cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name)?;
        sql = sql.text(" AND (lower(b.name), b.id) > (").bind(cursor.key).text(", ").bind(cursor.id).text(")");
    }
    let sql = sql.text(" ORDER BY lower(b.name), b.id LIMIT ").bind(i64::from(limit) + 1);
    let mut found: Vec<Row> = sql.all_as(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|row| Cursor::new(&name, row.sort_key.clone(), row.id).encode());
    Ok(BudgetPage { rows: found.into_iter().map(BudgetRecord::try_from).collect::<Result<_, _>>()?, next })
}

/// How many there are.
///
/// # Errors
/// [`StoreError`].
pub async fn budget_count(conn: &impl ConnectionTrait, scope: &Scope) -> Result<u64, StoreError> {
    scoped(Sql::new(conn).text("SELECT count(*) FROM budget b WHERE 1 = 1"), scope).count(conn).await
}

/// One budget.
///
/// # Errors
/// [`StoreError`].
pub async fn budget_fetch(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: BudgetId,
) -> Result<Option<BudgetRecord>, StoreError> {
    let sql = scoped(Sql::new(conn).text(SELECT).text(" AND b.id = ").bind(id.0), scope);
    let row: Option<Row> = sql.one_as(conn).await?;
    row.map(BudgetRecord::try_from).transpose()
}

/// Adds a budget.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_budget_name` for a name that is taken; [`StoreError::Missing`] when there is no such
/// account.
pub async fn budget_insert(conn: &impl ConnectionTrait, new: &BudgetRecord) -> Result<(), StoreError> {
    let Parts { account, region, tag_key, tag_value } = parts(&new.reach);
    Sql::new(conn)
        .text(
            "INSERT INTO budget (id, name, reach_kind, account_id, region, tag_key, tag_value, amount_e10, currency, \
             thresholds, version, created_at, updated_at) VALUES (",
        )
        .bind(new.id.0)
        .text(", ")
        .bind(new.name.as_str())
        .text(", ")
        .bind(new.reach.kind())
        .text(", ")
        .bind(account)
        .text(", ")
        .bind(region)
        .text(", ")
        .bind(tag_key)
        .text(", ")
        .bind(tag_value)
        .text(", ")
        .bind(e10(new)?)
        .text(", ")
        .bind(new.amount.currency.to_string())
        .text(", ")
        .bind(Value::from(new.thresholds.clone()))
        .text(", 1, ")
        .bind(micros(new.created_at))
        .text(", ")
        .bind(micros(new.updated_at))
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// Changes everything about it, if it still has the version; `false` when it has not. Its version rises.
///
/// # Errors
/// As [`budget_insert`].
pub async fn budget_update(conn: &impl ConnectionTrait, changed: &BudgetRecord) -> Result<bool, StoreError> {
    let Parts { account, region, tag_key, tag_value } = parts(&changed.reach);
    let done = Sql::new(conn)
        .text("UPDATE budget SET version = version + 1, name = ")
        .bind(changed.name.as_str())
        .text(", reach_kind = ")
        .bind(changed.reach.kind())
        .text(", account_id = ")
        .bind(account)
        .text(", region = ")
        .bind(region)
        .text(", tag_key = ")
        .bind(tag_key)
        .text(", tag_value = ")
        .bind(tag_value)
        .text(", amount_e10 = ")
        .bind(e10(changed)?)
        .text(", currency = ")
        .bind(changed.amount.currency.to_string())
        .text(", thresholds = ")
        .bind(Value::from(changed.thresholds.clone()))
        .text(", updated_at = ")
        .bind(micros(changed.updated_at))
        .text(" WHERE id = ")
        .bind(changed.id.0)
        .text(" AND version = ")
        .bind(changed.version)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a budget with its crossings; `false` when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn budget_delete(conn: &impl ConnectionTrait, id: BudgetId) -> Result<bool, StoreError> {
    let done = Sql::new(conn).text("DELETE FROM budget WHERE id = ").bind(id.0).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a threshold was crossed in a month; `false` when that stands there already, or the budget is gone.
///
/// # Errors
/// [`StoreError`].
pub async fn budget_crossing_add(
    conn: &impl ConnectionTrait,
    budget: BudgetId,
    month: NaiveDate,
    threshold: u16,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = Sql::new(conn)
        .text("INSERT INTO budget_crossing (budget_id, month, threshold, at) SELECT b.id, ")
        .bind(month)
        .either("::date", "")
        .text(", ")
        .bind(i32::from(threshold))
        .either("::int", "")
        .text(", ")
        .bind(micros(at))
        .either("::timestamptz", "")
        .text(" FROM budget b WHERE b.id = ")
        .bind(budget.0)
        .text(" ON CONFLICT DO NOTHING")
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The thresholds of budgets that were crossed in a month, with when that was seen, by budget and threshold.
///
/// # Errors
/// [`StoreError`].
pub async fn budget_crossings(
    conn: &impl ConnectionTrait,
    budgets: &[BudgetId],
    month: NaiveDate,
) -> Result<Vec<(BudgetId, u16, DateTime<Utc>)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Crossing {
        budget_id: Uuid,
        threshold: i32,
        at: DateTime<Utc>,
    }
    let rows: Vec<Crossing> = Sql::new(conn)
        .text("SELECT budget_id, threshold, at FROM budget_crossing WHERE month = ")
        .bind(month)
        .text(" AND ")
        .bind_in("budget_id", budgets.iter().map(|id| id.0))
        .text(" ORDER BY budget_id, threshold")
        .all_as(conn)
        .await?;
    let threshold = |percent| u16::try_from(percent).unwrap_or(u16::MAX);
    Ok(rows.into_iter().map(|row| (BudgetId(row.budget_id), threshold(row.threshold), row.at)).collect())
}

struct Parts {
    account: Option<Uuid>,
    region: Option<String>,
    tag_key: Option<String>,
    tag_value: Option<String>,
}

fn parts(reach: &BudgetReach) -> Parts {
    let none = Parts { account: None, region: None, tag_key: None, tag_value: None };
    match reach {
        BudgetReach::Everything => none,
        BudgetReach::Account(id) => Parts { account: Some(id.0), ..none },
        BudgetReach::Region(region) => Parts { region: Some(region.to_string()), ..none },
        BudgetReach::Tag { key, value } => Parts { tag_key: Some(key.clone()), tag_value: Some(value.clone()), ..none },
    }
}

fn e10(budget: &BudgetRecord) -> Result<i64, StoreError> {
    budget.amount.amount_e10().map_err(|e| StoreError::corrupt("amount of a budget", e))
}
