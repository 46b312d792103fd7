//! An estimate against the bill: why they differ, line by line. Pure.
//!
//! Both sides come by usage type and region. Where both have one, the difference is how much was used, times the price, and
//! what is left of it, which is the price itself. Each is put down to the one [`Reason`] that is known for it; what has none is
//! [`Reason::Unexplained`], and said. The parts always add up to the difference exactly: everything is rounded to the decimals
//! that are kept, and what a part leaves is in another.
//!
//! It is not the place for how an estimate is made ([`super::proration`]). To add a reason: a variant, and where it is found out.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Charge;
use super::price_list::UsageType;
use crate::money::{Currency, Money, MoneyError, STORED_DECIMALS};

closed_enum! {
    /// Why a bill and its estimate differ.
    pub enum Reason {
        /// Connected hours that are not known for the whole time: the bill has them, the estimate can't.
        HoursUnknown = "hours_unknown",
        /// WorkSpaces that were made, removed or changed, and it is not known when.
        CameOrWent = "came_or_went",
        /// Desktops of a kind that the Price List, as it was read, has no price for.
        PriceMissing = "price_missing",
        /// Something else than a desktop: WorkSpaces Core, pools, software.
        OtherCharge = "other_charge",
        /// Tax, credits and refunds.
        TaxOrCredit = "tax_or_credit",
        /// As much was used, at another price: a discount, a price that changed.
        PriceDiffers = "price_differs",
        /// Less than a hundredth of the currency.
        Rounding = "rounding",
        /// Nothing that is known explains it.
        Unexplained = "unexplained",
    }
}

/// A usage type in a region.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UsageKey {
    /// The region as AWS bills it; empty for none.
    pub region: String,
    /// The usage type.
    pub usage_type: String,
}

impl UsageKey {
    /// What its quantities are of and its prices are for: `month`, `hour` or `gb_month`; `None` for what is not known.
    #[must_use]
    pub fn unit(&self) -> Option<&'static str> {
        match UsageType::parse(&self.usage_type).part().map(|part| part.charge) {
            Some(Charge::AutoStopHour) => Some("hour"),
            Some(Charge::Monthly | Charge::AutoStopFee) => Some("month"),
            None => self.usage_type.ends_with("Volume-GB").then_some("gb_month"),
        }
    }
}

/// How much of something, and what that costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    /// Months, hours or gigabyte-months.
    pub quantity: Decimal,
    /// The cost.
    pub amount: Decimal,
}

/// What is known of one usage type in one region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageLine {
    /// On the bill.
    pub billed: Option<Amounts>,
    /// By our own reckoning.
    pub estimated: Option<Amounts>,
    /// The list price of one unit.
    pub price: Option<Decimal>,
    /// WorkSpaces reckoned here whose hours are not known for the whole time.
    pub hours_unknown: u64,
    /// WorkSpaces reckoned here that came, went or were changed at a time that is not known.
    pub came_or_went: u64,
}

/// A part of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Why.
    pub reason: Reason,
    /// By how much the bill is higher; below zero where it is lower.
    pub amount: Money,
    /// The same by usage type, the largest first.
    pub lines: Vec<(UsageKey, Money)>,
}

/// One usage type of one region on both sides, and why they differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedLine {
    /// Which.
    pub key: UsageKey,
    /// What was billed; `None` where it is not on the bill.
    pub billed: Option<Money>,
    /// What was reckoned; `None` where nothing was.
    pub estimated: Option<Money>,
    /// The first less the second: what the reasons add up to.
    pub difference: Money,
    /// How much was billed: months, hours or gigabyte-months.
    pub billed_quantity: Option<Decimal>,
    /// How much was reckoned.
    pub estimated_quantity: Option<Decimal>,
    /// What one unit was billed at; `None` where nothing was used.
    pub billed_price: Option<Money>,
    /// The list price of one unit, at which it is reckoned.
    pub list_price: Option<Money>,
    /// Why they differ, and by how much for each; none where they agree.
    pub reasons: Vec<(Reason, Money)>,
}

impl ComparedLine {
    fn of(key: &UsageKey, line: &UsageLine, currency: Currency, unseen: bool) -> Result<Self, MoneyError> {
        let money = |amount| Money::new(amount, currency);
        let side = |side: Option<Amounts>| side.map(|side| money(side.amount).rounded_e10());
        let (billed, estimated) = (side(line.billed), side(line.estimated));
        let zero = Money::zero(currency);
        let difference = billed.unwrap_or(zero).checked_sub(&estimated.unwrap_or(zero))?;
        let mut reasons = explained(key, line, difference, unseen)?;
        reasons.retain(|(_, amount)| !amount.is_zero());
        let unit = |side: Amounts| side.amount.checked_div(side.quantity).map(|price| money(price).rounded_e10());
        Ok(Self {
            key: key.clone(),
            billed,
            estimated,
            difference,
            billed_quantity: line.billed.map(|side| side.quantity),
            estimated_quantity: line.estimated.map(|side| side.quantity),
            billed_price: line.billed.and_then(unit),
            list_price: line.price.map(money),
            reasons,
        })
    }
}

/// An estimate against the bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// What was billed.
    pub billed: Money,
    /// What was reckoned.
    pub estimated: Money,
    /// The first less the second: what the parts add up to.
    pub difference: Money,
    /// Why they differ, in the order of [`Reason`]; a reason without lines is left out.
    pub parts: Vec<Part>,
    /// Every usage type in every region, those that differ most first: they add up to what was billed, and to what was reckoned.
    pub lines: Vec<ComparedLine>,
}

/// Explains the difference. `unseen` says that desktops may have gone before anything was read of the account, so that what is
/// billed of kinds that it no longer has is theirs.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn reconcile(
    lines: &BTreeMap<UsageKey, UsageLine>,
    currency: Currency,
    unseen: bool,
) -> Result<Reconciliation, MoneyError> {
    let (mut billed, mut estimated) = (Money::zero(currency), Money::zero(currency));
    let mut parts = BTreeMap::<Reason, Vec<(UsageKey, Money)>>::new();
    let mut compared = Vec::with_capacity(lines.len());
    for (key, line) in lines {
        let line = ComparedLine::of(key, line, currency, unseen)?;
        billed = line.billed.iter().try_fold(billed, |sum, amount| sum.checked_add(amount))?;
        estimated = line.estimated.iter().try_fold(estimated, |sum, amount| sum.checked_add(amount))?;
        for (reason, amount) in &line.reasons {
            parts.entry(*reason).or_default().push((key.clone(), *amount));
        }
        compared.push(line);
    }
    // In the order of their keys, which is kept among those that differ as much.
    compared.sort_by_key(|line| Reverse(line.difference.amount.abs()));
    let part = |(reason, mut lines): (Reason, Vec<(UsageKey, Money)>)| {
        lines.sort_by(|a, b| b.1.amount.abs().cmp(&a.1.amount.abs()).then_with(|| a.0.cmp(&b.0)));
        let amount = Money::sum(lines.iter().map(|(_, amount)| amount), currency)?;
        Ok(Part { reason, amount, lines })
    };
    let parts = parts.into_iter().map(part).collect::<Result<_, MoneyError>>()?;
    Ok(Reconciliation { billed, estimated, difference: billed.checked_sub(&estimated)?, parts, lines: compared })
}

/// The difference of one line, put down to one reason or two.
fn explained(
    key: &UsageKey,
    line: &UsageLine,
    difference: Money,
    unseen: bool,
) -> Result<Vec<(Reason, Money)>, MoneyError> {
    let usage_type = UsageType::parse(&key.usage_type);
    let charge = usage_type.part().map(|part| part.charge);
    let Some(own) = line.estimated else {
        return Ok(vec![(not_reckoned(key, line, charge, difference, unseen), difference)]);
    };
    let (Some(bill), Some(price)) = (line.billed, line.price) else {
        return Ok(vec![(by_quantity(line, charge, difference, unseen), difference)]);
    };
    let more = bill.quantity.checked_sub(own.quantity).and_then(|more| more.checked_mul(price));
    let by_use = Money::new(more.ok_or(MoneyError::TooLarge)?.round_dp(STORED_DECIMALS), difference.currency);
    let by_price = difference.checked_sub(&by_use)?;
    let reason = if is_small(by_price) { Reason::Rounding } else { Reason::PriceDiffers };
    Ok(vec![(by_quantity(line, charge, by_use, unseen), by_use), (reason, by_price)])
}

/// Why something is billed that was not reckoned at all.
fn not_reckoned(key: &UsageKey, line: &UsageLine, charge: Option<Charge>, amount: Money, unseen: bool) -> Reason {
    let words = key.usage_type.to_ascii_lowercase();
    let named = ["tax", "credit", "refund", "discount"].iter().any(|word| words.contains(word));
    match (charge, line.price) {
        _ if is_small(amount) => Reason::Rounding,
        (None, None) if named || words.is_empty() || amount.amount.is_sign_negative() => Reason::TaxOrCredit,
        (None, None) => Reason::OtherCharge,
        (Some(_), None) => Reason::PriceMissing,
        (_, Some(_)) if unseen => Reason::CameOrWent,
        (_, Some(_)) => Reason::Unexplained,
    }
}

/// Why more, or less, was used than reckoned.
fn by_quantity(line: &UsageLine, charge: Option<Charge>, amount: Money, unseen: bool) -> Reason {
    if is_small(amount) {
        Reason::Rounding
    } else if charge == Some(Charge::AutoStopHour) && line.hours_unknown > 0 {
        Reason::HoursUnknown
    } else if line.came_or_went > 0 || (unseen && amount.amount.is_sign_positive()) {
        Reason::CameOrWent
    } else {
        Reason::Unexplained
    }
}

/// Less than a hundredth of the currency.
fn is_small(amount: Money) -> bool {
    amount.amount.abs() < Decimal::new(1, 2)
}

#[cfg(test)]
mod tests;
