//! What a month will come to.
//!
//! The method, which is ours: what is final is taken as it is; each day behind it is reckoned at the mean of the last four
//! whole weeks of final days (fewer, where no more are known), by account and usage type. Four whole weeks, so that weekends
//! weigh as much as they come; AWS's own `GetCostForecast` gives no method, and costs money each time it is asked. What is
//! paid by the month (the price of ALWAYS_ON, the fee of AUTO_STOP) is reckoned the same way where AWS lays it on the days.
//! Where it comes at once, which is on fewer than half of the days, it stays as it was charged; before it was, it is taken to
//! come to what it came to in the month before.
//!
//! The interval around it says how far the days behind may stray, if they differ from their mean as those of the last four weeks
//! did: of ten months like this one about eight end within. A day is taken to say nothing about the next.
//!
//! It knows of no holiday, no WorkSpace that will be made or removed, and no price that will change.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::access::Actor;
use domain::cost::Charge;
use domain::cost::price_list::UsageType;
use domain::money::{Currency, Money, MoneyError};
use domain::usage::Month;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};
use store::repo::costs::{CostDayRow, cost_days, cost_last_final_day};

use super::error::CostError;
use super::service::{CostQuestion, billed_accounts};
use crate::Context;

/// Days that the mean is of, at most.
const WINDOW: u64 = 28;
/// Fewer final days say nothing.
const LEAST: u32 = 3;

/// What a month will come to in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// What is final of it.
    pub so_far: Money,
    /// What the whole month is reckoned to come to.
    pub month: Money,
    /// By how much it may well be less or more: half the width of the interval.
    pub give: Money,
    /// The last final day; of several accounts the earliest.
    pub final_to: NaiveDate,
    /// How many final days the mean is of; of several accounts the fewest.
    pub days_seen: u32,
}

impl Forecast {
    /// The lower end of the interval: no less than what is final already.
    #[must_use]
    pub fn low(&self) -> Money {
        let low = self.month.amount - self.give.amount;
        Money::new(low.max(self.so_far.amount.min(self.month.amount)), self.month.currency)
    }

    /// Its upper end.
    #[must_use]
    pub fn high(&self) -> Money {
        Money::new(self.month.amount + self.give.amount, self.month.currency)
    }
}

/// What the month will come to, a sum for each currency, by currency. Accounts of which too little is final to say anything are
/// left out, and their names are the second part of the answer.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn month_forecast(
    ctx: &Context,
    actor: &Actor,
    accounts: &CostQuestion,
    month: Month,
) -> Result<(Vec<Forecast>, Vec<String>), CostError> {
    let mut sums = BTreeMap::<Currency, Forecast>::new();
    let mut left_out = Vec::new();
    for account in billed_accounts(ctx, actor).await? {
        if !accounts.accounts.is_empty() && !accounts.accounts.contains(&account.id) {
            continue;
        }
        let Some(final_to) = cost_last_final_day(&ctx.db, account.id).await? else {
            left_out.push(account.name);
            continue;
        };
        let first = month.previous().first_day().min(final_to - Days::new(WINDOW));
        let rows = cost_days(&ctx.db, account.id, first, month.next().first_day()).await?;
        let of_regions: Vec<_> = rows
            .into_iter()
            .filter(|row| accounts.regions.is_empty() || accounts.regions.contains(&row.region))
            .collect();
        let found = forecast(&of_regions, month, final_to)?;
        if found.is_empty() {
            left_out.push(account.name);
        }
        for one in found {
            match sums.get_mut(&one.month.currency) {
                None => {
                    sums.insert(one.month.currency, one);
                }
                Some(sum) => {
                    sum.so_far = sum.so_far.checked_add(&one.so_far)?;
                    sum.month = sum.month.checked_add(&one.month)?;
                    // Accounts stray by themselves.
                    sum.give = together(sum.give, one.give);
                    sum.final_to = sum.final_to.min(one.final_to);
                    sum.days_seen = sum.days_seen.min(one.days_seen);
                }
            }
        }
    }
    Ok((sums.into_values().collect(), left_out))
}

/// The forecast of one account's month from its days up to `final_to`, one for each currency; none when fewer than three final
/// days are known. Days behind `final_to` are not looked at.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn forecast(rows: &[CostDayRow], month: Month, final_to: NaiveDate) -> Result<Vec<Forecast>, CostError> {
    let known: Vec<_> = rows.iter().filter(|row| row.day <= final_to).collect();
    let Some(first) = known.iter().map(|row| row.day).min() else { return Ok(Vec::new()) };
    let begin = first.max(final_to - Days::new(WINDOW - 1));
    let days_seen = u32::try_from((final_to - begin).num_days() + 1).unwrap_or(u32::MAX);
    if days_seen < LEAST {
        return Ok(Vec::new());
    }
    let ahead = month.iter_days().filter(|day| *day > final_to).count();
    let mut types = BTreeMap::<(Currency, &str, &str), Seen>::new();
    for row in known {
        let currency: Currency = row.currency.parse()?;
        let amount = Money::from_e10(row.amount_e10, currency);
        let key = (currency, row.region.as_str(), row.usage_type.as_str());
        let seen = types.entry(key).or_insert_with(|| Seen::nothing(currency));
        let of = Month::of_day(row.day);
        if of == month {
            seen.this_month = seen.this_month.checked_add(&amount)?;
        } else if of == month.previous() {
            seen.month_before = seen.month_before.checked_add(&amount)?;
        }
        if row.day >= begin {
            seen.window = seen.window.checked_add(&amount)?;
            let of_day = seen.days.entry(row.day).or_insert(Money::zero(currency));
            *of_day = of_day.checked_add(&amount)?;
        }
    }
    let mut sums = BTreeMap::<Currency, Forecast>::new();
    let mut days = BTreeMap::<Currency, BTreeMap<NaiveDate, Money>>::new();
    for ((currency, _, usage_type), seen) in types {
        let zero = Money::zero(currency);
        let sum =
            sums.entry(currency).or_insert(Forecast { so_far: zero, month: zero, give: zero, final_to, days_seen });
        let rest = match paid_at_once(usage_type, seen.days.len(), days_seen) {
            true if seen.this_month.is_zero() => seen.month_before,
            true => zero,
            false => {
                let days = days.entry(currency).or_default();
                for (day, amount) in &seen.days {
                    let of_day = days.entry(*day).or_insert(zero);
                    *of_day = of_day.checked_add(amount)?;
                }
                share(seen.window, ahead, days_seen)?
            }
        };
        sum.so_far = sum.so_far.checked_add(&seen.this_month)?;
        sum.month = sum.month.checked_add(&seen.this_month)?.checked_add(&rest)?;
    }
    for (currency, days) in days {
        if let Some(sum) = sums.get_mut(&currency) {
            sum.give = give(&days, days_seen, ahead, currency);
        }
    }
    Ok(sums.into_values().collect())
}

/// Standard deviations to each side, between which eight of ten lie.
const EIGHT_OF_TEN: f64 = 1.2816;

/// How far the sum of the days ahead may stray from as many times the mean. A statistic, and so no exact money.
fn give(days: &BTreeMap<NaiveDate, Money>, days_seen: u32, ahead: usize, currency: Currency) -> Money {
    let seen = f64::from(days_seen);
    // A day without a row cost nothing.
    let amounts = days.values().filter_map(|amount| amount.amount.to_f64());
    let (sum, squares) = amounts.fold((0.0, 0.0), |(sum, squares), day| (sum + day, squares + day * day));
    let variance = ((squares - sum * sum / seen) / (seen - 1.0)).max(0.0);
    let ahead = ahead.to_f64().unwrap_or(f64::MAX);
    // The days themselves, and the mean that is only known from so many of them.
    in_money(EIGHT_OF_TEN * (variance * ahead * (1.0 + ahead / seen)).sqrt(), currency)
}

/// How far two that stray by themselves stray together.
fn together(one: Money, other: Money) -> Money {
    let of = |money: Money| money.amount.to_f64().unwrap_or(0.0);
    in_money(of(one).hypot(of(other)), one.currency)
}

fn in_money(amount: f64, currency: Currency) -> Money {
    Money::new(Decimal::from_f64(amount).unwrap_or(Decimal::ZERO), currency).rounded(currency.minor_digits())
}

/// What final days have of one usage type.
struct Seen {
    this_month: Money,
    month_before: Money,
    /// Of the days that the mean is of.
    window: Money,
    /// Those of them that have any, with what they have.
    days: BTreeMap<NaiveDate, Money>,
}

impl Seen {
    fn nothing(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { this_month: zero, month_before: zero, window: zero, days: BTreeMap::new() }
    }
}

/// Whether it is paid by the month and on one day of it, so that no day behind it brings more.
fn paid_at_once(usage_type: &str, days: usize, days_seen: u32) -> bool {
    let usage_type = UsageType::parse(usage_type);
    let by_month = usage_type.part().is_some_and(|part| part.charge != Charge::AutoStopHour);
    by_month && u32::try_from(days).unwrap_or(u32::MAX).saturating_mul(2) < days_seen
}

fn share(sum: Money, ahead: usize, days_seen: u32) -> Result<Money, MoneyError> {
    let ahead = Decimal::from(u64::try_from(ahead).unwrap_or(u64::MAX));
    let amount = sum.amount.checked_mul(ahead).and_then(|all| all.checked_div(days_seen.into()));
    Ok(Money::new(amount.ok_or(MoneyError::TooLarge)?, sum.currency).rounded_e10())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(on: NaiveDate, usage_type: &str, amount: &str, currency: &str) -> CostDayRow {
        let money = Money::parse(amount, currency.parse().unwrap()).unwrap();
        CostDayRow {
            day: on,
            region: "eu-central-1".to_owned(),
            usage_type: usage_type.to_owned(),
            amount_e10: money.amount_e10().unwrap(),
            quantity_e10: 0,
            unit: "Hrs".to_owned(),
            currency: currency.to_owned(),
            estimated: false,
            read_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn days(from: &str, count: usize) -> impl Iterator<Item = NaiveDate> {
        day(from).iter_days().take(count)
    }

    fn april() -> Month {
        "2026-04".parse().unwrap()
    }

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::USD).unwrap()
    }

    #[test]
    fn what_is_laid_on_the_days_goes_on() {
        // As the simulated ledger has it: a monthly price of 30 USD on 30 days, and 2.4 USD of hours on each working day.
        let mut rows: Vec<_> = days("2026-04-01", 28).map(|on| row(on, "EUC1-AW-HW-2", "1", "USD")).collect();
        let working = days("2026-04-01", 28).filter(|on| chrono::Datelike::weekday(on).num_days_from_monday() < 5);
        rows.extend(working.map(|on| row(on, "EUC1-AW-HW-2-AutoStop-Usage", "2.4", "USD")));
        let found = forecast(&rows, april(), day("2026-04-28")).unwrap();
        // 28 + 20 × 2.4 = 76 so far; two days are left, of 76 / 28 each.
        let expected = usd("76").amount + (usd("76").amount * Decimal::from(2) / Decimal::from(28));
        assert_eq!((found.len(), found[0].so_far, found[0].days_seen), (1, usd("76"), 28));
        assert!((found[0].month.amount - expected).abs() < Decimal::new(1, 8), "{found:?}");
    }

    #[test]
    fn what_is_charged_on_the_first_stays_as_it_is() {
        let mut rows =
            vec![row(day("2026-04-01"), "AW-HW-2", "350", "USD"), row(day("2026-03-01"), "AW-HW-2", "300", "USD")];
        rows.extend(days("2026-03-20", 22).map(|on| row(on, "AW-HW-2-AutoStop-Usage", "1", "USD")));
        let found = forecast(&rows, april(), day("2026-04-10")).unwrap();
        // 350 and ten days of 1 USD are final; 20 days are left. The mean is of 22 days of 1 USD in 28.
        assert_eq!(found[0].so_far, usd("360"));
        assert_eq!(found[0].month.rounded(2), usd("375.71"));
        // Before April's price was charged, it is taken to be what March's was.
        rows.remove(0);
        let found = forecast(&rows, april(), day("2026-04-10")).unwrap();
        assert_eq!((found[0].so_far, found[0].month.rounded(2)), (usd("10"), usd("325.71")));
    }

    #[test]
    fn currencies_never_meet_and_what_is_open_does_not_count() {
        let mut rows: Vec<_> = days("2026-04-01", 10).map(|on| row(on, "AW-HW-2-AutoStop-Usage", "1", "USD")).collect();
        rows.extend(days("2026-04-01", 10).map(|on| row(on, "AW-HW-3-AutoStop-Usage", "2", "EUR")));
        rows.push(row(day("2026-04-11"), "AW-HW-2-AutoStop-Usage", "1000", "USD"));
        let found = forecast(&rows, april(), day("2026-04-10")).unwrap();
        let shown: Vec<_> = found.iter().map(|one| one.month.to_string()).collect();
        assert_eq!(shown, ["60.00 EUR", "30.00 USD"]);
    }

    #[test]
    fn too_little_says_nothing_and_a_month_that_is_final_is_itself() {
        let few: Vec<_> = days("2026-04-01", 2).map(|on| row(on, "AW-HW-2", "1", "USD")).collect();
        assert_eq!(forecast(&few, april(), day("2026-04-02")).unwrap(), []);
        assert_eq!(forecast(&[], april(), day("2026-04-02")).unwrap(), []);
        let all: Vec<_> = days("2026-04-01", 30).map(|on| row(on, "AW-HW-2", "1", "USD")).collect();
        let found = forecast(&all, april(), day("2026-04-30")).unwrap();
        assert_eq!((found[0].so_far, found[0].month), (usd("30"), usd("30")));
        assert_eq!((found[0].low(), found[0].high()), (usd("30"), usd("30")));
    }

    #[test]
    fn days_that_differ_make_the_interval_wide_and_the_same_every_day_makes_none() {
        let even: Vec<_> = days("2026-04-01", 20).map(|on| row(on, "AW-HW-2-AutoStop-Usage", "3", "USD")).collect();
        let even = forecast(&even, april(), day("2026-04-20")).unwrap()[0];
        assert_eq!((even.month, even.low(), even.high()), (usd("90"), usd("90"), usd("90")));
        let odd = days("2026-04-01", 20)
            .enumerate()
            .map(|(at, on)| row(on, "AW-HW-2-AutoStop-Usage", if at % 2 == 0 { "1" } else { "5" }, "USD"));
        let odd = forecast(&odd.collect::<Vec<_>>(), april(), day("2026-04-20")).unwrap()[0];
        // A variance of 80 / 19 a day; ten days ahead, and a mean of twenty: 1.2816 × √(80/19 × 10 × 1.5).
        assert_eq!((odd.month, odd.give), (usd("90"), usd("10.19")));
        assert_eq!((odd.low(), odd.high()), (usd("79.81"), usd("100.19")));
        // It never says less than is final.
        let late = Forecast { so_far: usd("88"), ..odd };
        assert_eq!(late.low(), usd("88"));
    }

    #[test]
    fn accounts_that_stray_by_themselves_stray_less_together() {
        assert_eq!(together(usd("3"), usd("4")), usd("5"));
    }
}
