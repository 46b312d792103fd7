//! The running month at a glance: what it has come to, what it will, what the last one was.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate};
use domain::access::Actor;
use domain::money::{Currency, Money};
use domain::usage::Month;

use super::error::CostError;
use super::forecast::{Forecast, month_forecast};
use super::service::{BilledAccount, CostQuestion, billed_accounts, cost_totals};
use crate::Context;

/// The running month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostSummary {
    /// Which it is.
    pub month: Month,
    /// Today, UTC.
    pub today: NaiveDate,
    /// Its sums, by currency.
    pub currencies: Vec<CurrencySummary>,
    /// The accounts whose costs the actor may read, and how far they are known.
    pub accounts: Vec<BilledAccount>,
    /// Names of accounts of which too little is final to say what the month will come to.
    pub not_forecast: Vec<String>,
    /// Keys of the cost allocation tags by which costs are read.
    pub tag_keys: Vec<String>,
}

/// The running month in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencySummary {
    /// What was billed of it so far.
    pub month_to_date: Money,
    /// Whether any of that may still change.
    pub estimated: bool,
    /// What the month before was billed in all.
    pub last_month: Money,
    /// What of it was billed by the same day of the month.
    pub last_month_to_date: Money,
    /// What the month will come to.
    pub forecast: Option<Forecast>,
}

/// The running month of the accounts and regions asked about; its days are not looked at.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn summarize_costs(ctx: &Context, actor: &Actor, asked: &CostQuestion) -> Result<CostSummary, CostError> {
    let today = ctx.env.now().date_naive();
    let month = Month::of_day(today);
    let before = month.previous();
    let same_day = before.first_day() + Days::new(u64::from(today.day()).min(u64::from(before.days())));
    let (mut sums, mut found) =
        (BTreeMap::<Currency, CurrencySummary>::new(), month_forecast(ctx, actor, asked, month).await?);
    let spans = [
        (month.first_day(), month.next().first_day()),
        (before.first_day(), month.first_day()),
        (before.first_day(), same_day),
    ];
    for (at, (from, to)) in spans.into_iter().enumerate() {
        for sum in cost_totals(ctx, actor, &CostQuestion { from, to, ..asked.clone() }).await? {
            let of = entry(&mut sums, sum.amount.currency);
            match at {
                0 => (of.month_to_date, of.estimated) = (sum.amount, sum.estimated),
                1 => of.last_month = sum.amount,
                _ => of.last_month_to_date = sum.amount,
            }
        }
    }
    for forecast in found.0.drain(..) {
        entry(&mut sums, forecast.month.currency).forecast = Some(forecast);
    }
    Ok(CostSummary {
        month,
        today,
        currencies: sums.into_values().collect(),
        accounts: billed_accounts(ctx, actor).await?,
        not_forecast: found.1,
        tag_keys: ctx.policy.now().sync.billing_tag_keys.clone(),
    })
}

fn entry(sums: &mut BTreeMap<Currency, CurrencySummary>, currency: Currency) -> &mut CurrencySummary {
    let zero = Money::zero(currency);
    sums.entry(currency).or_insert(CurrencySummary {
        month_to_date: zero,
        estimated: false,
        last_month: zero,
        last_month_to_date: zero,
        forecast: None,
    })
}
