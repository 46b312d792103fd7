//! Our estimate of a month against AWS's bill, of one account. Why they differ is `domain::cost::reconcile`; here both sides are
//! brought together for the same days: those whose bill is final, or settled for three days.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::access::{Actor, Permission};
use domain::cost::Charge;
use domain::cost::price_list::UsageType;
use domain::cost::proration::Spread;
use domain::cost::reconcile::{Amounts, Reconciliation, UsageKey, UsageLine, reconcile};
use domain::ids::{AccountId, Region};
use domain::money::{Currency, Money};
use domain::sync::SyncKind;
use domain::usage::Month;
use rust_decimal::Decimal;
use store::StoreError;
use store::repo::accounts::{AccountRecord, account_fetch};
use store::repo::costs::{CostLine, cost_last_final_day, cost_lines};
use store::repo::data_sets::{COST_REGION, data_set_fetch};
use store::repo::prices::unit_prices;

use super::error::CostError;
use super::estimate::{Frame, NotReckoned, day_start};
use super::reckoned::{Reckoned, reckoned};
use crate::Context;

/// Days after which Cost Explorer hardly changes a day any more.
const SETTLES: Days = Days::new(3);

/// An account's month, ours against AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// The account.
    pub account_id: AccountId,
    /// Its name.
    pub account_name: String,
    /// The month.
    pub month: Month,
    /// The last day that was compared; `None` when no day of the month is settled, and nothing was.
    pub through: Option<NaiveDate>,
    /// A comparison for each currency.
    pub currencies: Vec<Reconciliation>,
    /// How many WorkSpaces were reckoned how.
    pub counts: ReckonedCounts,
}

/// How many WorkSpaces were reckoned how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReckonedCounts {
    /// With a price.
    pub reckoned: u64,
    /// Whose kind has no price.
    pub no_price: u64,
    /// In a mode that is not billed by list prices (MANUAL).
    pub other_mode: u64,
    /// Of those reckoned: their hours are not known for the whole time.
    pub hours_unknown: u64,
    /// Of those reckoned: they came, went or were changed at a time that is not known exactly.
    pub uncertain: u64,
}

impl ReckonedCounts {
    /// How many could not be reckoned.
    #[must_use]
    pub const fn not_reckoned(&self) -> u64 {
        self.no_price + self.other_mode
    }

    fn add(&mut self, one: &Reckoned) {
        let counted = |how: ReckonedAs| u64::from(how.counts(one));
        self.reckoned += u64::from(one.charges.is_ok());
        self.no_price += counted(ReckonedAs::NoPrice);
        self.other_mode += counted(ReckonedAs::OtherMode);
        self.hours_unknown += counted(ReckonedAs::HoursUnknown);
        self.uncertain += counted(ReckonedAs::Uncertain);
    }
}

/// How the comparison counts WorkSpaces that it can't vouch for; one may be counted in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReckonedAs {
    /// Its kind has no price.
    NoPrice,
    /// Its mode is not billed by list prices.
    OtherMode,
    /// Reckoned, and its hours are not known for the whole time.
    HoursUnknown,
    /// Reckoned, and it came, went or was changed at a time that is not known exactly.
    Uncertain,
}

impl ReckonedAs {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::NoPrice, Self::OtherMode, Self::HoursUnknown, Self::Uncertain];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPrice => "no_price",
            Self::OtherMode => "other_mode",
            Self::HoursUnknown => "hours_unknown",
            Self::Uncertain => "uncertain",
        }
    }

    /// Whether one is counted so.
    pub(super) fn counts(self, one: &Reckoned) -> bool {
        match self {
            Self::NoPrice => matches!(one.charges, Err(NotReckoned::NoPrice)),
            Self::OtherMode => matches!(one.charges, Err(NotReckoned::OtherMode)),
            Self::HoursUnknown => one.charges.is_ok() && !one.hours_known,
            Self::Uncertain => one.charges.is_ok() && one.uncertain,
        }
    }
}

impl fmt::Display for ReckonedAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Compares a month of an account; `None` when there is no such account whose costs the actor may read.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn reconcile_month(
    ctx: &Context,
    actor: &Actor,
    account_id: AccountId,
    month: Month,
) -> Result<Option<Reconciled>, CostError> {
    actor.require(Permission::CostRead)?;
    let scope = actor.scope(Permission::CostRead);
    let account = account_fetch(&ctx.db, &scope, account_id).await?;
    match account.filter(|account| scope.reaches_account(account.id)) {
        Some(account) => compare(ctx, account, month).await.map(Some),
        None => Ok(None),
    }
}

/// Compares a month of an account whose costs the asker may read.
pub(super) async fn compare(ctx: &Context, account: AccountRecord, month: Month) -> Result<Reconciled, CostError> {
    let account_id = account.id;
    let mut found = Reconciled {
        account_id,
        account_name: account.name,
        month,
        through: None,
        currencies: Vec::new(),
        counts: ReckonedCounts::default(),
    };
    let Some((frame, bill)) = settled(ctx, account_id, account.created_at, month).await? else {
        return Ok(found);
    };
    found.through = Some(frame.to - Days::new(1));
    let mut lines = Lines::default();
    lines.add_bill(&bill);
    // The whole account is within the scope, so all of its WorkSpaces are.
    for rows in reckoned(ctx, &[account_id], &frame).await? {
        for one in rows.iter() {
            found.counts.add(one);
            lines.add_workspace(one)?;
        }
    }
    lines.price(ctx, account_id).await?;
    let unseen = frame.watched_from > month.start();
    let compared = lines.0.iter().map(|(currency, lines)| reconcile(lines, *currency, unseen));
    found.currencies = compared.collect::<Result<_, _>>()?;
    Ok(found)
}

/// The days of a month whose bill is settled, how they are reckoned, and that bill; `None` while no day of it is.
pub(super) async fn settled(
    ctx: &Context,
    account: AccountId,
    watched_from: DateTime<Utc>,
    month: Month,
) -> Result<Option<(Frame, Vec<CostLine>)>, CostError> {
    let settled = cost_last_final_day(&ctx.db, account).await?.max(last_settled(ctx, account).await?);
    let Some(through) = settled.map(|day| day.min(month.last_day())).filter(|day| *day >= month.first_day()) else {
        return Ok(None);
    };
    let to = through + Days::new(1);
    let bill = cost_lines(&ctx.db, account, month.first_day(), to).await?;
    let days = u32::try_from((to - month.first_day()).num_days()).unwrap_or(u32::MAX);
    let frame = Frame { month, to, spread: spread(&bill, days), known_to: day_start(to), watched_from };
    Ok(Some((frame, bill)))
}

/// The last day of the bill that hardly moves any more, though it may not be final: AWS calls a month final days after its end.
async fn last_settled(ctx: &Context, account: AccountId) -> Result<Option<NaiveDate>, CostError> {
    let region: Region = COST_REGION.parse().map_err(|e| StoreError::corrupt("region", e))?;
    let known = data_set_fetch(&ctx.db, account, &region, SyncKind::Billing).await?;
    let latest = ctx.env.now().date_naive() - SETTLES;
    Ok(known.covered_to.map(|to| (to.date_naive() - Days::new(1)).min(latest)))
}

/// How the bill lays what is paid by the month: on one day, or on all of them.
fn spread(bill: &[CostLine], days: u32) -> Spread {
    let by_month = bill.iter().filter(|line| {
        UsageType::parse(&line.usage_type).part().is_some_and(|part| part.charge != Charge::AutoStopHour)
    });
    let most = by_month.map(|line| line.days).max().unwrap_or(days);
    if most.saturating_mul(2) < days { Spread::AsCharged } else { Spread::Even }
}

/// Both sides by currency, region and usage type.
#[derive(Debug, Default)]
struct Lines(BTreeMap<Currency, BTreeMap<UsageKey, UsageLine>>);

impl Lines {
    fn line(&mut self, currency: Currency, region: &str, usage_type: &str) -> &mut UsageLine {
        let key = UsageKey { region: region.to_owned(), usage_type: usage_type.to_owned() };
        self.0.entry(currency).or_default().entry(key).or_default()
    }

    fn add_bill(&mut self, bill: &[CostLine]) {
        for row in bill {
            // A quantity is no money, but kept with the same digits.
            let quantity = Money::from_e10(row.quantity_e10, row.amount.currency).amount;
            let line = self.line(row.amount.currency, &row.region, &row.usage_type);
            line.billed = Some(Amounts { quantity, amount: row.amount.amount });
        }
    }

    /// What one unit of each costs by the Price List, where it says so.
    async fn price(&mut self, ctx: &Context, account: AccountId) -> Result<(), CostError> {
        let usage_types: BTreeSet<_> =
            self.0.values().flat_map(BTreeMap::keys).map(|key| key.usage_type.as_str()).collect();
        let usage_types: Vec<_> = usage_types.into_iter().collect();
        let units = unit_prices(&ctx.db, account, &usage_types).await?;
        let units: HashMap<_, _> =
            units.iter().map(|unit| ((unit.region.as_str(), unit.usage_type.as_str()), unit.price_e10)).collect();
        for (currency, lines) in &mut self.0 {
            for (key, line) in lines {
                let price = units.get(&(key.region.as_str(), key.usage_type.as_str()));
                line.price = price.map(|price_e10| Money::from_e10(*price_e10, *currency).amount);
            }
        }
        Ok(())
    }

    fn add_workspace(&mut self, one: &Reckoned) -> Result<(), CostError> {
        let Ok(charges) = &one.charges else { return Ok(()) };
        for charge in charges {
            let currency = charge.amount.currency;
            let line = self.line(currency, one.kind.region.as_str(), &charge.usage_type);
            let so_far = line.estimated.unwrap_or(Amounts { quantity: Decimal::ZERO, amount: Decimal::ZERO });
            let amount = Money::new(so_far.amount, currency).checked_add(&charge.amount)?.amount;
            line.estimated = Some(Amounts { quantity: so_far.quantity + charge.quantity, amount });
            line.hours_unknown += u64::from(!one.hours_known);
            line.came_or_went += u64::from(one.uncertain);
        }
        // An hour nobody knows of makes no charge, and yet explains one.
        if !one.hours_known && !charges.iter().any(|charge| charge.charge == Some(Charge::AutoStopHour)) {
            mark_unknown_hours(self, one);
        }
        Ok(())
    }
}

/// Marks the hours of a WorkSpace as unknown where it has none at all.
fn mark_unknown_hours(lines: &mut Lines, one: &Reckoned) {
    let Ok(charges) = &one.charges else { return };
    let fee = charges.iter().find(|charge| charge.charge == Some(Charge::AutoStopFee));
    let Some(fee) = fee else { return };
    // The hours stand beside the fee under the same name.
    let usage_type = fee.usage_type.replace("AutoStop-User", "AutoStop-Usage");
    let currency = fee.amount.currency;
    let line = lines.line(currency, one.kind.region.as_str(), &usage_type);
    line.estimated.get_or_insert(Amounts { quantity: Decimal::ZERO, amount: Decimal::ZERO });
    line.hours_unknown += 1;
}
