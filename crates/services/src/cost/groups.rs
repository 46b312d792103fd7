//! What was billed, told apart: in pages, and day by day. By what AWS bills (account, region, usage type, a tag), and by what a
//! usage type means (running mode, compute type).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::access::{Actor, Permission};
use domain::cost::price_list::UsageType;
use domain::cost::{Charge, CostBy};
use domain::money::{Currency, Money};
use store::repo::costs::{
    CostDayGroup, CostDayKey, CostFilter, CostGroup, CostSum, compute_types_of_usage, cost_daily, cost_page, cost_sums,
    cost_tag_sums,
};

use super::error::CostError;
use super::service::{CostQuestion, filter};
use crate::series::shown;
use crate::{Context, Page, PageRequest};

/// What one group came to on one day, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostDaySum {
    /// The UTC day.
    pub day: NaiveDate,
    /// The key of its group.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// Whether any of it may still change.
    pub estimated: bool,
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
    let page = cost_page(sums, &list, page.cursor.as_deref(), page.limit, |sum| {
        (sum.key.as_str(), sum.amount.currency.as_str())
    })?;
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
    let sums = sums(ctx, actor, &filter, by, CostGroup::Month).await?;
    let Some(means) = Means::of(ctx, by, &filter.account_ids).await? else { return Ok(sums) };
    merged(sums.iter().map(|sum| (means.of_usage(&sum.key), sum)))
}

/// The sums as AWS bills them; `month` is what months are told apart by.
async fn sums(
    ctx: &Context,
    actor: &Actor,
    filter: &CostFilter,
    by: &CostBy,
    month: CostGroup,
) -> Result<Vec<CostSum>, CostError> {
    let scope = actor.scope(Permission::CostRead);
    let column = match by {
        CostBy::Tag(key) => return Ok(cost_tag_sums(&ctx.db, &scope, filter, key).await?),
        CostBy::Account => CostGroup::Account,
        CostBy::Region => CostGroup::Region,
        CostBy::Month => month,
        CostBy::UsageType | CostBy::RunningMode | CostBy::ComputeType => CostGroup::UsageType,
    };
    Ok(cost_sums(&ctx.db, &scope, filter, column).await?)
}

/// Sums under other keys, the dearest first.
fn merged<'a>(sums: impl Iterator<Item = (String, &'a CostSum)>) -> Result<Vec<CostSum>, CostError> {
    let mut merged = BTreeMap::<(Currency, String), CostSum>::new();
    for (key, sum) in sums {
        let currency = sum.amount.currency;
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
    let sums = sums(ctx, actor, &filter, by, CostGroup::Whole).await?;
    let means = Means::of(ctx, by, &filter.account_ids).await?;
    let shown = |sum: &CostSum| means.as_ref().map_or_else(|| sum.key.clone(), |means| means.of_usage(&sum.key));
    let Stack { mut groups, series, others } = stacked(&merged(sums.iter().map(|sum| (shown(sum), sum)))?)?;
    let key = |sum: &CostSum| {
        let currency = sum.amount.currency;
        let series = series.get(&(currency, shown(sum))).copied()?;
        Some(CostDayKey { key: sum.key.clone(), currency, series })
    };
    let keys: Vec<_> = sums.iter().filter_map(key).collect();
    // A sync may have come since: what a group says is what its days add up to.
    for group in &mut groups {
        (group.amount, group.estimated) = (Money::zero(group.amount.currency), false);
    }
    let mut days = Vec::new();
    for day in cost_daily(&ctx.db, &scope, &filter, &group, &keys).await? {
        let Some(of) = usize::try_from(day.series).ok().and_then(|at| groups.get_mut(at)) else { continue };
        of.amount = of.amount.checked_add(&day.amount)?;
        of.estimated |= day.estimated;
        days.push(CostDaySum { day: day.day, key: of.key.clone(), amount: day.amount, estimated: day.estimated });
    }
    Ok(CostDays { days, groups, others })
}

/// The groups of a chart.
#[derive(Debug, Default)]
struct Stack {
    /// In their order.
    groups: Vec<CostSum>,
    /// Which of them each key belongs to.
    series: HashMap<(Currency, String), u32>,
    /// How many keys of each currency belong to the one of all others.
    others: BTreeMap<Currency, u64>,
}

/// The dearest sums of each currency by themselves, the rest together; `sums` are in order of currency and the dearest first.
fn stacked(sums: &[CostSum]) -> Result<Stack, CostError> {
    let mut stack = Stack::default();
    let (mut all, mut place) = (HashMap::<Currency, usize>::new(), HashMap::<Currency, usize>::new());
    for sum in sums {
        *all.entry(sum.amount.currency).or_default() += 1;
    }
    for sum in sums {
        let currency = sum.amount.currency;
        let at = place.entry(currency).or_default();
        *at += 1;
        let alone = *at <= shown(all.get(&currency).copied().unwrap_or_default());
        if !alone {
            *stack.others.entry(currency).or_default() += 1;
        }
        match stack.groups.last_mut().filter(|last| !alone && last.key == OTHERS && last.amount.currency == currency) {
            Some(last) => {
                last.amount = last.amount.checked_add(&sum.amount)?;
                last.estimated |= sum.estimated;
            }
            None if alone => stack.groups.push(sum.clone()),
            None => stack.groups.push(CostSum { key: OTHERS.to_owned(), ..sum.clone() }),
        }
        let series = u32::try_from(stack.groups.len() - 1).unwrap_or(u32::MAX);
        stack.series.insert((currency, sum.key.clone()), series);
    }
    Ok(stack)
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

    fn sum(key: &str, amount: i64, currency: Currency) -> CostSum {
        CostSum { key: key.to_owned(), amount: Money::new(amount.into(), currency), estimated: false }
    }

    #[test]
    fn what_is_too_much_for_a_chart_is_together_and_nothing_is_lost() {
        let mut sums: Vec<_> = (0..12).map(|at| sum(&format!("k{at:02}"), 100 - at, Currency::USD)).collect();
        let eur: Currency = "EUR".parse().unwrap();
        sums.push(sum("k00", 7, eur));
        sums.sort_by(dearest);
        let found = stacked(&sums).unwrap();
        let keys: Vec<_> = found.groups.iter().map(|group| group.key.as_str()).collect();
        assert_eq!(keys, ["k00", "k00", "k01", "k02", "k03", "k04", OTHERS]);
        assert_eq!(found.others, [(Currency::USD, 7)].into());
        let of = |sums: &[CostSum]| {
            let of = sums.iter().filter(|sum| sum.amount.currency == Currency::USD);
            Money::sum(of.map(|sum| &sum.amount), Currency::USD).unwrap()
        };
        assert_eq!(of(&found.groups), of(&sums));
        for sum in &sums {
            let at = found.series[&(sum.amount.currency, sum.key.clone())];
            let group = &found.groups[at as usize];
            assert_eq!(group.amount.currency, sum.amount.currency);
            assert!(group.key == sum.key || (group.key == OTHERS && sum.key.as_str() >= "k05"), "{sum:?}");
        }
    }

    #[test]
    fn six_are_not_five_and_one_other() {
        let sums: Vec<_> = (0..6).map(|at| sum(&format!("k{at}"), 1, Currency::USD)).collect();
        let found = stacked(&sums).unwrap();
        assert!(found.others.is_empty() && found.groups == sums);
    }

    #[test]
    fn keys_that_mean_the_same_are_one_sum() {
        let sums = [sum("a", 1, Currency::USD), sum("b", 2, Currency::USD), sum("c", 9, Currency::USD)];
        let means = |sum: &CostSum| if sum.key == "c" { String::new() } else { "ALWAYS_ON".to_owned() };
        let found = merged(sums.iter().map(|one| (means(one), one))).unwrap();
        assert_eq!(found, [sum("", 9, Currency::USD), sum("ALWAYS_ON", 3, Currency::USD)]);
    }
}
