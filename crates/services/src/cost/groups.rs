//! What was billed, told apart: in pages, and day by day. By what AWS bills (account, region, usage type, a tag), and by what a
//! usage type means (running mode, compute type).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::access::{Actor, Permission};
use domain::cost::Charge;
use domain::cost::price_list::UsageType;
use domain::money::{Currency, Money};
use store::repo::costs::{
    CostDayGroup, CostDaySum, CostGroup, CostSum, compute_types_of_usage, cost_daily, cost_page, cost_sums,
    cost_tag_sums,
};

use super::error::CostError;
use super::service::{CostQuestion, filter};
use crate::{Context, Page, PageRequest};

/// Series of a chart beside the one of all others: as many as can be told apart by colour.
const SERIES: usize = 5;

/// What costs are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostBy {
    /// The account.
    Account,
    /// The region.
    Region,
    /// The usage type.
    UsageType,
    /// How it is billed: ALWAYS_ON, AUTO_STOP; empty for what is no desktop's hardware.
    RunningMode,
    /// The compute type, as the Price List has it; empty for what is no desktop's hardware.
    ComputeType,
    /// The UTC month.
    Month,
    /// The value of the tag with this key.
    Tag(String),
}

/// What each day came to, by group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostDays {
    /// The groups of each currency, the dearest first; the last one may be of all others ([`Self::others`]).
    pub groups: Vec<CostSum>,
    /// What each day came to, by day; the key is that of its group.
    pub days: Vec<CostDaySum>,
    /// How many groups of each currency are in the last one.
    pub others: BTreeMap<Currency, u64>,
}

/// The key of the group of all others: no value of AWS begins like that.
pub const OTHERS: &str = "\u{1}others";

/// A page of groups, by currency and the dearest first; months in their order.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_cost_groups(
    ctx: &Context,
    actor: &Actor,
    asked: &CostQuestion,
    by: &CostBy,
    page: PageRequest,
) -> Result<Page<CostSum>, CostError> {
    let sums = cost_groups(ctx, actor, asked, by).await?;
    let total = u64::try_from(sums.len()).unwrap_or(u64::MAX);
    let list = format!("cost groups {:?} {asked:?} {by:?}", actor.scope(Permission::CostRead));
    let page = cost_page(sums, &list, page.cursor.as_deref(), page.limit)?;
    Ok(Page { items: page.rows, next_cursor: page.next, total })
}

/// Every group, by currency and the dearest first; months in their order.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn cost_groups(
    ctx: &Context,
    actor: &Actor,
    asked: &CostQuestion,
    by: &CostBy,
) -> Result<Vec<CostSum>, CostError> {
    let filter = filter(ctx, actor, asked).await?;
    let scope = actor.scope(Permission::CostRead);
    let column = match by {
        CostBy::Tag(key) => return Ok(cost_tag_sums(&ctx.db, &scope, &filter, key).await?),
        CostBy::Account => CostGroup::Account,
        CostBy::Region => CostGroup::Region,
        CostBy::Month => CostGroup::Month,
        CostBy::UsageType | CostBy::RunningMode | CostBy::ComputeType => CostGroup::UsageType,
    };
    let sums = cost_sums(&ctx.db, &scope, &filter, column).await?;
    let Some(means) = Means::of(ctx, by, &filter.account_ids).await? else { return Ok(sums) };
    let mut merged = BTreeMap::<(Currency, String), CostSum>::new();
    for sum in sums {
        let (currency, key) = (sum.amount.currency, means.of_usage(&sum.key));
        let zero = CostSum { key: key.clone(), amount: Money::zero(currency), estimated: false };
        let into = merged.entry((currency, key)).or_insert(zero);
        into.amount = into.amount.checked_add(&sum.amount)?;
        into.estimated |= sum.estimated;
    }
    let mut sums: Vec<_> = merged.into_values().collect();
    sums.sort_by(dearest);
    Ok(sums)
}

/// What each day came to by group: the dearest groups by themselves, the rest together.
///
/// # Errors
/// As [`cost_groups`].
pub async fn cost_days_by(
    ctx: &Context,
    actor: &Actor,
    asked: &CostQuestion,
    by: &CostBy,
) -> Result<CostDays, CostError> {
    let filter = filter(ctx, actor, asked).await?;
    let scope = actor.scope(Permission::CostRead);
    let group = match by {
        CostBy::Tag(key) => CostDayGroup::Tag(key.clone()),
        CostBy::Account => CostDayGroup::Column(CostGroup::Account),
        CostBy::Region => CostDayGroup::Column(CostGroup::Region),
        CostBy::Month => CostDayGroup::Column(CostGroup::Whole),
        CostBy::UsageType | CostBy::RunningMode | CostBy::ComputeType => CostDayGroup::Column(CostGroup::UsageType),
    };
    let mut days = cost_daily(&ctx.db, &scope, &filter, &group).await?;
    if let Some(means) = Means::of(ctx, by, &filter.account_ids).await? {
        for day in &mut days {
            day.key = means.of_usage(&day.key);
        }
    }
    stacked(days)
}

/// The dearest groups by themselves, the rest together.
fn stacked(days: Vec<CostDaySum>) -> Result<CostDays, CostError> {
    let mut sums = BTreeMap::<(Currency, String), CostSum>::new();
    for day in &days {
        let currency = day.amount.currency;
        let zero = CostSum { key: day.key.clone(), amount: Money::zero(currency), estimated: false };
        let into = sums.entry((currency, day.key.clone())).or_insert(zero);
        into.amount = into.amount.checked_add(&day.amount)?;
        into.estimated |= day.estimated;
    }
    let mut sums: Vec<_> = sums.into_values().collect();
    sums.sort_by(dearest);
    let (mut groups, mut others) = (Vec::<CostSum>::new(), BTreeMap::<Currency, u64>::new());
    let mut kept = HashMap::<(Currency, String), String>::new();
    let number = |currency: Currency| sums.iter().filter(|sum| sum.amount.currency == currency).count();
    let mut place = HashMap::<Currency, usize>::new();
    for sum in &sums {
        let currency = sum.amount.currency;
        let at = place.entry(currency).or_default();
        *at += 1;
        // One more colour says as much as a group of one.
        if *at <= SERIES || number(currency) == SERIES + 1 {
            kept.insert((currency, sum.key.clone()), sum.key.clone());
            groups.push(sum.clone());
            continue;
        }
        kept.insert((currency, sum.key.clone()), OTHERS.to_owned());
        *others.entry(currency).or_default() += 1;
        match groups.last_mut().filter(|last| last.key == OTHERS && last.amount.currency == currency) {
            Some(last) => {
                last.amount = last.amount.checked_add(&sum.amount)?;
                last.estimated |= sum.estimated;
            }
            None => groups.push(CostSum { key: OTHERS.to_owned(), ..sum.clone() }),
        }
    }
    let mut merged = BTreeMap::<(NaiveDate, Currency, String), CostDaySum>::new();
    for day in days {
        let currency = day.amount.currency;
        let key = kept.get(&(currency, day.key.clone())).cloned().unwrap_or_default();
        let zero = CostDaySum { day: day.day, key: key.clone(), amount: Money::zero(currency), estimated: false };
        let into = merged.entry((day.day, currency, key)).or_insert(zero);
        into.amount = into.amount.checked_add(&day.amount)?;
        into.estimated |= day.estimated;
    }
    Ok(CostDays { groups, days: merged.into_values().collect(), others })
}

fn dearest(a: &CostSum, b: &CostSum) -> std::cmp::Ordering {
    let order = a.amount.currency.cmp(&b.amount.currency);
    order.then_with(|| b.amount.amount.cmp(&a.amount.amount)).then_with(|| a.key.cmp(&b.key))
}

/// What usage types mean.
enum Means {
    Mode,
    Compute(HashMap<String, String>),
}

impl Means {
    /// `None` where costs are told apart by something AWS bills.
    async fn of(ctx: &Context, by: &CostBy, accounts: &[domain::ids::AccountId]) -> Result<Option<Self>, CostError> {
        Ok(match by {
            CostBy::RunningMode => Some(Self::Mode),
            CostBy::ComputeType => {
                Some(Self::Compute(compute_types_of_usage(&ctx.db, accounts).await?.into_iter().collect()))
            }
            _ => None,
        })
    }

    fn of_usage(&self, usage_type: &str) -> String {
        match self {
            Self::Mode => match UsageType::parse(usage_type).part().map(|part| part.charge) {
                Some(Charge::Monthly) => "ALWAYS_ON".to_owned(),
                Some(Charge::AutoStopFee | Charge::AutoStopHour) => "AUTO_STOP".to_owned(),
                None => String::new(),
            },
            Self::Compute(known) => known.get(usage_type).cloned().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(on: u32, key: &str, amount: i64, currency: &str) -> CostDaySum {
        CostDaySum {
            day: NaiveDate::from_ymd_opt(2026, 4, on).unwrap(),
            key: key.to_owned(),
            amount: Money::new(amount.into(), currency.parse().unwrap()),
            estimated: false,
        }
    }

    #[test]
    fn what_is_too_much_for_a_chart_is_together_and_nothing_is_lost() {
        let mut days: Vec<_> = (0..12).map(|at| day(1, &format!("k{at:02}"), 100 - at, "USD")).collect();
        days.extend((0..12).map(|at| day(2, &format!("k{at:02}"), 1, "USD")));
        days.push(day(1, "k00", 7, "EUR"));
        let found = stacked(days.clone()).unwrap();
        let keys: Vec<_> = found.groups.iter().map(|group| group.key.as_str()).collect();
        assert_eq!(keys, ["k00", "k00", "k01", "k02", "k03", "k04", OTHERS]);
        assert_eq!(found.others.get(&Currency::USD), Some(&7));
        let sum = |days: &[CostDaySum]| {
            let of = days.iter().filter(|day| day.amount.currency == Currency::USD);
            Money::sum(of.map(|day| &day.amount), Currency::USD).unwrap()
        };
        assert_eq!(sum(&found.days), sum(&days));
        assert_eq!(found.days.iter().filter(|day| day.key == OTHERS).count(), 2, "one a day");
    }

    #[test]
    fn six_are_not_five_and_one_other() {
        let days: Vec<_> = (0..6).map(|at| day(1, &format!("k{at}"), 1, "USD")).collect();
        let found = stacked(days).unwrap();
        assert!(found.others.is_empty() && found.groups.len() == 6);
    }
}
