//! A month's bill of one WorkSpace: modes that changed, a month begun late or ended early, hours by the default rule.
//!
//! AWS says (pricing page and FAQ of WorkSpaces, AWS.md): billing renews at 00:00 UTC on the 1st; from hourly to monthly the
//! change holds at once, with the fee and hours so far and the monthly price prorated for the rest of the month; from
//! monthly to hourly it holds from the next month on, since the month is already paid for. What AWS leaves open is decided
//! here, and only here:
//!
//! - Prorated by UTC day, and a day begun counts ([`PRORATION_SECS`]), rounded half to even at ten decimals.
//! - A month in which the WorkSpace was created costs the monthly price, or the AUTO_STOP fee, prorated from that day.
//! - The fee is not prorated again by a change to ALWAYS_ON. Of several such changes in a month only the first counts.
//! - A deletion gives nothing back: price and fee were paid on the 1st. Hours begun before it count.
//! - Hours belong to the day and month in which they begin ([`crate::usage::billable`]).
//!
//! Not seen: a compute type, a volume or a time-out that changes within the month; the caller takes those of the month's end.
//! It is not the place for forecasts.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{BillingMode, Charge, ModeChange, PricePlan};
use crate::{
    money::{Money, MoneyError, STORED_DECIMALS},
    usage::{ConnectedInterval, Month, billable::billable_hours},
};

/// The step of proration, seconds: a UTC day.
pub const PRORATION_SECS: i64 = 86_400;

/// One WorkSpace in one month, as far as billing looks at it.
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceMonth<'a> {
    /// The month.
    pub month: Month,
    /// When the WorkSpace was created; `None` for long before.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was deleted; `None` while it is there.
    pub deleted_at: Option<DateTime<Utc>>,
    /// How it was billed before all of `changes`.
    pub mode: BillingMode,
    /// The changes of its mode that are known, of any month, in any order.
    pub changes: &'a [ModeChange],
    /// Its connected time, that of the month's sessions and of what they began with before it.
    pub intervals: &'a [ConnectedInterval],
    /// The AUTO_STOP time-out, minutes.
    pub timeout_minutes: u32,
    /// Up to when things are known: the month's end or later for a month that is over, else now.
    pub until: DateTime<Utc>,
}

/// A line of the bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostItem {
    /// For what.
    pub charge: Charge,
    /// The day it was charged, or the first day on which an hour could be.
    pub from: NaiveDate,
    /// For a price by the month: the days paid for, `from` included; else the days of the month.
    pub days: u32,
    /// The days of the month.
    pub of_days: u32,
    /// Months (1 or less) or hours.
    pub quantity: Decimal,
    /// How much; exact in ten-billionths.
    pub amount: Money,
}

/// The bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthCost {
    /// Its lines; what was not used is not there.
    pub items: Vec<CostItem>,
    /// Their sum.
    pub total: Money,
}

/// How what is paid by the month is laid on days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spread {
    /// On the day it is charged: the 1st, the day of creation or of the change.
    AsCharged,
    /// Evenly on the days paid for, also those still to come.
    Even,
}

/// What one charge has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeCost {
    /// For what.
    pub charge: Charge,
    /// Months or hours.
    pub quantity: Decimal,
    /// How much; exact in ten-billionths.
    pub amount: Money,
}

/// What the month has come to.
///
/// # Errors
/// [`MoneyError::TooLarge`] for amounts beyond what can be kept.
pub fn month_cost(workspace: &WorkspaceMonth<'_>, plan: &PricePlan) -> Result<MonthCost, MoneyError> {
    let bill = Bill::of(workspace);
    let of_days = workspace.month.days();
    let mut items = Vec::new();
    for (charge, from, price) in [
        (Charge::AutoStopFee, bill.fee_from, plan.auto_stop_fee()),
        (Charge::Monthly, bill.monthly_from, plan.monthly()),
    ] {
        let Some(from) = from else { continue };
        let days = days_left(workspace.month, from);
        let amount = share(price, days, of_days)?;
        let quantity = share_of(Decimal::ONE, days, of_days).ok_or(MoneyError::TooLarge)?;
        items.push(CostItem { charge, from, days, of_days, quantity, amount });
    }
    if let Some((from, to)) = bill.hours {
        let hours = billable_hours(workspace.intervals, workspace.timeout_minutes, from.timestamp(), to.timestamp());
        if hours > 0 {
            let amount = plan.auto_stop_hour().checked_mul(hours.into())?;
            let (from, quantity) = (from.date_naive(), hours.into());
            items.push(CostItem { charge: Charge::AutoStopHour, from, days: of_days, of_days, quantity, amount });
        }
    }
    items.sort_by_key(|item| (item.from, item.charge));
    let total = Money::sum(items.iter().map(|item| &item.amount), plan.currency())?;
    total.amount_e10()?;
    Ok(MonthCost { items, total })
}

/// What falls on the days of the month before `to`, by charge and in their order; from the month's end on, that is [`month_cost`]
/// exactly.
///
/// It is the sums that are rounded, not the days: what one day costs is by how much the sum before the next is higher, and the days
/// end on the whole. It costs as much for a month as for a day of it.
///
/// # Errors
/// As [`month_cost`].
pub fn estimate_before(
    workspace: &WorkspaceMonth<'_>,
    plan: &PricePlan,
    spread: Spread,
    to: NaiveDate,
) -> Result<Vec<ChargeCost>, MoneyError> {
    // What begins later is on none of those days.
    let seen = WorkspaceMonth { until: workspace.until.min(to.and_time(NaiveTime::MIN).and_utc()), ..*workspace };
    let mut costs = Vec::new();
    for item in month_cost(&seen, plan)?.items {
        let (mut quantity, mut amount) = (item.quantity, item.amount);
        // Hours are on their own days.
        if spread == Spread::Even && item.charge != Charge::AutoStopHour {
            let days = u32::try_from((to - item.from).num_days()).unwrap_or(0).min(item.days);
            quantity = share_of(quantity, days, item.days).ok_or(MoneyError::TooLarge)?;
            amount = share(amount, days, item.days)?;
        }
        costs.push(ChargeCost { charge: item.charge, quantity, amount });
    }
    costs.sort_by_key(|cost| cost.charge);
    Ok(costs)
}

/// From when what is charged.
#[derive(Debug, Default)]
struct Bill {
    fee_from: Option<NaiveDate>,
    monthly_from: Option<NaiveDate>,
    hours: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Bill {
    fn of(workspace: &WorkspaceMonth<'_>) -> Self {
        let (start, end) = (workspace.month.start(), workspace.month.end());
        let begin = workspace.created_at.map_or(start, |created| created.max(start));
        let stop = workspace.deleted_at.map_or(end, |deleted| deleted.min(end)).min(workspace.until);
        if begin >= stop {
            return Self::default();
        }
        let mut changes = workspace.changes.to_vec();
        changes.sort_by_key(|change| change.at);
        let so_far = changes.iter().rev().find(|change| change.at <= begin);
        match so_far.map_or(workspace.mode, |change| change.mode) {
            BillingMode::Monthly => Self { monthly_from: Some(begin.date_naive()), ..Self::default() },
            BillingMode::Hourly => {
                let later = |change: &&ModeChange| begin < change.at && change.at < stop;
                let switch = changes.iter().filter(later).find(|change| change.mode == BillingMode::Monthly);
                Self {
                    fee_from: Some(begin.date_naive()),
                    monthly_from: switch.map(|change| change.at.date_naive()),
                    hours: Some((begin, switch.map_or(stop, |change| change.at))),
                }
            }
        }
    }
}

/// The days of the month from `from` on, `from` included.
fn days_left(month: Month, from: NaiveDate) -> u32 {
    let secs = (month.next().first_day() - from).num_seconds();
    u32::try_from(secs / PRORATION_SECS).unwrap_or(0).min(month.days())
}

/// So many days of so many, rounded half to even at ten decimals; the whole as it is.
fn share(whole: Money, days: u32, of_days: u32) -> Result<Money, MoneyError> {
    let amount = share_of(whole.amount, days, of_days).ok_or(MoneyError::TooLarge)?;
    Ok(Money::new(amount, whole.currency))
}

fn share_of(whole: Decimal, days: u32, of_days: u32) -> Option<Decimal> {
    if days == of_days {
        return Some(whole);
    }
    Some(whole.checked_mul(days.into())?.checked_div(of_days.into())?.round_dp(STORED_DECIMALS))
}

#[cfg(test)]
mod tests;
