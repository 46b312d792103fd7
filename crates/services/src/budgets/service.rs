//! The use cases of budgets. Who sees an account's costs sees its budget; every other budget is about all accounts.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::ids::{AccountId, BudgetId};
use domain::money::Money;
use domain::usage::Month;
use rust_decimal::Decimal;
use serde_json::json;
use store::StoreError;
use store::repo::accounts::account_fetch;
use store::repo::budgets::{self, BudgetReach, BudgetRecord};

use super::error::BudgetError;
use crate::cost::{CostQuestion, cost_by_tag, cost_totals, month_forecast};
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest};

/// Most characters of a name.
const NAME_MAX: usize = 80;
/// Most thresholds of a budget.
const THRESHOLDS_MAX: usize = 10;
/// The highest threshold, percent.
const THRESHOLD_MAX: u16 = 1000;

/// A budget to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBudget {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub reach: BudgetReach,
    /// How much a month.
    pub amount: Money,
    /// At how many percent somebody should hear.
    pub thresholds: Vec<u16>,
}

/// What to change about a budget. What is `None` stays as it is; what it is for stays in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetChange {
    /// Its name.
    pub name: Option<String>,
    /// How much a month.
    pub amount: Option<Money>,
    /// At how many percent somebody should hear.
    pub thresholds: Option<Vec<u16>>,
}

/// A budget and how it stands in the running month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetState {
    /// The budget.
    pub budget: BudgetRecord,
    /// The name of the account it is for, when it is for one.
    pub account_name: Option<String>,
    /// The month.
    pub month: Month,
    /// What was billed so far.
    pub spent: Money,
    /// Whether any of that may still change.
    pub estimated: bool,
    /// What the month is reckoned to come to; `None` for a tag, and where too little is final.
    pub forecast: Option<Money>,
    /// The thresholds that were crossed this month, with when that was seen.
    pub crossed: Vec<(u16, DateTime<Utc>)>,
}

impl BudgetState {
    /// How many percent of it are spent; 0 for a budget of nothing.
    #[must_use]
    pub fn percent(&self) -> Decimal {
        let share = self.spent.amount.checked_mul(Decimal::ONE_HUNDRED);
        share.and_then(|share| share.checked_div(self.budget.amount.amount)).unwrap_or_default().round_dp(1)
    }
}

/// A page of budgets by name, as they stand.
///
/// # Errors
/// [`BudgetError::Forbidden`], [`BudgetError::Cost`], [`BudgetError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_budgets(ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<BudgetState>, BudgetError> {
    actor.require(Permission::CostRead)?;
    let scope = actor.scope(Permission::CostRead);
    let total = budgets::budget_count(&ctx.db, &scope).await?;
    let page = budgets::budget_list(&ctx.db, &scope, page.cursor.as_deref(), page.limit).await?;
    let mut items = Vec::new();
    for budget in page.rows {
        items.push(state(ctx, actor, budget).await?);
    }
    Ok(Page { items, next_cursor: page.next, total })
}

/// One budget, as it stands.
///
/// # Errors
/// [`BudgetError::Forbidden`], [`BudgetError::NotFound`], [`BudgetError::Cost`], [`BudgetError::Store`].
pub async fn fetch_budget(ctx: &Context, actor: &Actor, id: BudgetId) -> Result<BudgetState, BudgetError> {
    actor.require(Permission::CostRead)?;
    let budget = budgets::budget_fetch(&ctx.db, &actor.scope(Permission::CostRead), id).await?;
    state(ctx, actor, budget.ok_or(BudgetError::NotFound)?).await
}

/// Makes a budget, and keeps the answer.
///
/// # Errors
/// [`BudgetError::Forbidden`], [`BudgetError::Field`], [`BudgetError::NameTaken`], [`BudgetError::Cost`],
/// [`BudgetError::Store`].
pub async fn create_budget_once(
    ctx: &Context,
    actor: &Actor,
    new: NewBudget,
    keep: Keep<'_, BudgetState>,
) -> Result<BudgetState, BudgetError> {
    let now = ctx.env.now();
    let budget = BudgetRecord {
        id: BudgetId(ctx.env.new_id()),
        name: name(&new.name)?,
        reach: reach(new.reach)?,
        amount: amount(new.amount)?,
        thresholds: thresholds(new.thresholds)?,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    may_manage(actor, &budget.reach)?;
    if let BudgetReach::Account(id) = &budget.reach
        && account_fetch(&ctx.db, &actor.scope(Permission::CostRead), *id).await?.is_none()
    {
        return Err(unknown_account());
    }
    // How it stands is read before, so that the transaction is short.
    let made = state(ctx, actor, budget).await?;
    let tx = ctx.db.begin().await?;
    budgets::budget_insert(&tx, &made.budget).await.map_err(refused)?;
    let entry = Entry::new("budget.create", Permission::BudgetManage).on("budget", made.budget.id);
    crate::audit::record(&tx, ctx, actor, entry.after(told(&made.budget))).await?;
    keep.answer(&tx, &made).await?;
    tx.commit().await?;
    Ok(made)
}

/// Changes a budget.
///
/// # Errors
/// [`BudgetError::Forbidden`], [`BudgetError::NotFound`], [`BudgetError::Changed`] when it has another version than
/// `expected`, [`BudgetError::Field`], [`BudgetError::NameTaken`], [`BudgetError::Cost`], [`BudgetError::Store`].
pub async fn update_budget(
    ctx: &Context,
    actor: &Actor,
    id: BudgetId,
    expected: Option<i64>,
    change: BudgetChange,
) -> Result<BudgetState, BudgetError> {
    let tx = ctx.db.begin().await?;
    let before = managed(&tx, actor, id, expected).await?;
    let after = BudgetRecord {
        name: change.name.map_or_else(|| Ok(before.name.clone()), |text| name(&text))?,
        amount: change.amount.map_or(Ok(before.amount), amount)?,
        thresholds: change.thresholds.map_or_else(|| Ok(before.thresholds.clone()), thresholds)?,
        ..before.clone()
    };
    if after != before {
        let after = BudgetRecord { updated_at: ctx.env.now(), ..after };
        if !budgets::budget_update(&tx, &after).await.map_err(refused)? {
            return Err(BudgetError::Changed);
        }
        let entry = Entry::new("budget.change", Permission::BudgetManage).on("budget", id);
        let entry = entry.before(told(&before)).after(told(&after));
        crate::audit::record(&tx, ctx, actor, entry).await?;
    }
    tx.commit().await?;
    fetch_budget(ctx, actor, id).await
}

/// Removes a budget.
///
/// # Errors
/// [`BudgetError::Forbidden`], [`BudgetError::NotFound`], [`BudgetError::Changed`] when it has another version than
/// `expected`, [`BudgetError::Store`].
pub async fn delete_budget(
    ctx: &Context,
    actor: &Actor,
    id: BudgetId,
    expected: Option<i64>,
) -> Result<(), BudgetError> {
    let tx = ctx.db.begin().await?;
    let before = managed(&tx, actor, id, expected).await?;
    budgets::budget_delete(&tx, id).await?;
    let entry = Entry::new("budget.delete", Permission::BudgetManage).on("budget", id).before(told(&before));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    Ok(tx.commit().await?)
}

/// How a budget stands in the running month.
pub(super) async fn state(ctx: &Context, actor: &Actor, budget: BudgetRecord) -> Result<BudgetState, BudgetError> {
    let month = Month::of(ctx.env.now());
    let mut asked = CostQuestion { from: month.first_day(), to: month.next().first_day(), ..CostQuestion::default() };
    let mut account_name = None;
    match &budget.reach {
        BudgetReach::Account(id) => {
            asked.accounts.push(*id);
            let account = account_fetch(&ctx.db, &actor.scope(Permission::CostRead), *id).await?;
            account_name = account.map(|account| account.name);
        }
        BudgetReach::Region(region) => asked.regions.push(region.to_string()),
        BudgetReach::Everything | BudgetReach::Tag { .. } => {}
    }
    let currency = budget.amount.currency;
    let (sums, forecast) = match &budget.reach {
        BudgetReach::Tag { key, value } => {
            let sums = cost_by_tag(ctx, actor, &asked, key).await?;
            (sums.into_iter().filter(|sum| sum.key == *value).collect(), None)
        }
        _ => {
            let (found, _) = month_forecast(ctx, actor, &asked, month).await?;
            let forecast = found.into_iter().map(|one| one.month).find(|sum| sum.currency == currency);
            (cost_totals(ctx, actor, &asked).await?, forecast)
        }
    };
    let sum = sums.into_iter().find(|sum| sum.amount.currency == currency);
    let crossed = budgets::budget_crossings(&ctx.db, &[budget.id], month.first_day()).await?;
    Ok(BudgetState {
        account_name,
        month,
        spent: sum.as_ref().map_or(Money::zero(currency), |sum| sum.amount),
        estimated: sum.is_some_and(|sum| sum.estimated),
        forecast: forecast.map(|sum| sum.rounded(currency.minor_digits())),
        crossed: crossed.into_iter().map(|(_, threshold, at)| (threshold, at)).collect(),
        budget,
    })
}

/// The budget, if the actor may change it as it is.
async fn managed(
    tx: &store::Tx,
    actor: &Actor,
    id: BudgetId,
    expected: Option<i64>,
) -> Result<BudgetRecord, BudgetError> {
    actor.require(Permission::BudgetManage)?;
    let found = budgets::budget_fetch(tx, &actor.scope(Permission::BudgetManage), id).await?;
    let budget = found.ok_or(BudgetError::NotFound)?;
    if expected.is_some_and(|expected| expected != budget.version) {
        return Err(BudgetError::Changed);
    }
    Ok(budget)
}

fn may_manage(actor: &Actor, reach: &BudgetReach) -> Result<(), BudgetError> {
    let permission = Permission::BudgetManage;
    actor.require(permission)?;
    match (actor.scope(permission), reach) {
        (scope, BudgetReach::Account(id)) if scope.reaches_account(*id) => Ok(()),
        (_, BudgetReach::Account(_)) => Err(unknown_account()),
        (scope, _) if scope.is_everything() => Ok(()),
        _ => Err(Forbidden { permission }.into()),
    }
}

fn unknown_account() -> BudgetError {
    wrong("account_id", "unknown", "there is no such account, or you may not see it".to_owned())
}

fn wrong(field: &'static str, code: &'static str, message: String) -> BudgetError {
    BudgetError::Field { field, code, message }
}

fn name(text: &str) -> Result<String, BudgetError> {
    let text = text.trim();
    match text.chars().count() {
        1..=NAME_MAX => Ok(text.to_owned()),
        _ => Err(wrong("name", "length", format!("must have 1 to {NAME_MAX} characters"))),
    }
}

fn amount(amount: Money) -> Result<Money, BudgetError> {
    if amount.amount <= Decimal::ZERO || amount.amount_e10().is_err() {
        return Err(wrong("amount", "out_of_range", "must be more than 0 and less than 900 million".to_owned()));
    }
    Ok(Money::new(amount.amount.normalize(), amount.currency))
}

fn thresholds(mut percents: Vec<u16>) -> Result<Vec<u16>, BudgetError> {
    percents.sort_unstable();
    percents.dedup();
    let good = (1..=THRESHOLDS_MAX).contains(&percents.len());
    if !good || percents.iter().any(|percent| !(1..=THRESHOLD_MAX).contains(percent)) {
        let message = format!("takes 1 to {THRESHOLDS_MAX} whole percentages of 1 to {THRESHOLD_MAX}");
        return Err(wrong("thresholds", "out_of_range", message));
    }
    Ok(percents)
}

fn reach(reach: BudgetReach) -> Result<BudgetReach, BudgetError> {
    match reach {
        BudgetReach::Tag { key, .. } if key.is_empty() => {
            Err(wrong("tag_key", "length", "must be a tag's key".to_owned()))
        }
        other => Ok(other),
    }
}

fn refused(error: StoreError) -> BudgetError {
    match error {
        error if error.is_conflict("uq_budget_name") => BudgetError::NameTaken,
        StoreError::Missing { .. } => unknown_account(),
        other => other.into(),
    }
}

fn told(budget: &BudgetRecord) -> serde_json::Value {
    let BudgetRecord { name, reach, amount, thresholds, .. } = budget;
    json!({ "name": name, "reach": reach_text(reach), "amount": amount, "thresholds": thresholds })
}

/// The reach in one text, for the audit log.
pub(super) fn reach_text(reach: &BudgetReach) -> String {
    match reach {
        BudgetReach::Everything => "everything".to_owned(),
        BudgetReach::Account(id) => format!("account {id}"),
        BudgetReach::Region(region) => format!("region {region}"),
        BudgetReach::Tag { key, value } => format!("tag {key}={value}"),
    }
}

/// The account it is for, when it is for one.
pub(super) fn account_of(reach: &BudgetReach) -> Option<AccountId> {
    match reach {
        BudgetReach::Account(id) => Some(*id),
        _ => None,
    }
}
