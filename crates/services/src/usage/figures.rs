//! Usage as figures: in all beside earlier days, by day, in bins. They name nobody. Hours of the week are in
//! `hours`. What one page shows is asked for at once.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use domain::access::{Actor, Permission};
use domain::usage::Comparison;
use futures::try_join;
use store::repo::usage::{self, UsageGroup, UsageGroupTotals, UsageKnown, UsageTotals};
use store::repo::workspaces::GoneFilter;

use super::bins::{UsageBin, bins};
use super::error::UsageError;
use super::service::{UsageQuestion, count_unused, filter, usage_by};
use super::stand::{UsageStand, usage_stand};
use crate::Context;

/// Usage in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSummary {
    /// How far it is known.
    pub stand: UsageStand,
    /// The sums.
    pub totals: UsageTotals,
    /// People whose WorkSpaces were connected.
    pub people: u64,
    /// WorkSpaces that nobody was connected to, as far as that is known.
    pub unused: u64,
    /// The earlier days that it is compared with: as many as have come, or a shorter month whole.
    pub before: UsageQuestion,
    /// Whether usage is known from the first of them on.
    pub before_known: bool,
    /// Their sums.
    pub before_totals: UsageTotals,
    /// Their people.
    pub before_people: u64,
}

/// Usage of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageDay {
    /// The UTC day.
    pub day: NaiveDate,
    /// Its sums; `None` when it lies ahead, or nothing is known of it.
    pub totals: Option<UsageTotals>,
}

/// Usage by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageByDay {
    /// How far it is known.
    pub stand: UsageStand,
    /// Every day.
    pub days: Vec<UsageDay>,
    /// Every day that they are compared with, when it was asked for.
    pub before: Option<Vec<UsageDay>>,
}

/// Usage in bins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDistribution {
    /// How far it is known.
    pub stand: UsageStand,
    /// WorkSpaces that nobody was connected to, as far as that is known.
    pub unused: u64,
    /// The others, from short to long.
    pub bins: Vec<UsageBin>,
}

/// The question of the days that those of a question are compared with.
fn before(asked: &UsageQuestion, compare: Comparison) -> UsageQuestion {
    let (from, to) = compare.days((asked.from, asked.to));
    UsageQuestion { filter: asked.filter.clone(), from, to }
}

/// The same in so far as the days of the question have come: what is known up to the middle of a month is compared with as much of
/// another. All of them where none has come yet.
pub(super) fn before_so_far(asked: &UsageQuestion, compare: Comparison, today: NaiveDate) -> UsageQuestion {
    let earlier = before(asked, compare);
    let passed = asked.to.min(today + TimeDelta::days(1)) - asked.from;
    let to = earlier.from.checked_add_signed(passed).filter(|to| *to > earlier.from);
    UsageQuestion { to: to.map_or(earlier.to, |to| to.min(earlier.to)), ..earlier }
}

/// Whether usage is known from the first day of a question on.
pub(super) fn known_from(known: &UsageKnown, asked: &UsageQuestion) -> bool {
    let begin = asked.from.and_time(NaiveTime::MIN).and_utc();
    known.from.is_some_and(|from| from <= begin)
}

/// Usage in all, and of the days that it is compared with, so far as it has come.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn summarize_usage(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    compare: Comparison,
) -> Result<UsageSummary, UsageError> {
    let earlier = before_so_far(asked, compare, ctx.env.now().date_naive());
    let ((totals, people), (before_totals, before_people), unused, stand) = try_join!(
        sum(ctx, actor, asked),
        sum(ctx, actor, &earlier),
        count_unused(ctx, actor, asked),
        usage_stand(ctx, actor, asked),
    )?;
    let before_known = known_from(&stand.known, &earlier);
    Ok(UsageSummary { stand, totals, people, unused, before: earlier, before_known, before_totals, before_people })
}

async fn sum(ctx: &Context, actor: &Actor, asked: &UsageQuestion) -> Result<(UsageTotals, u64), UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    let scope = actor.scope(Permission::UsageRead);
    Ok(usage::usage_sum_people(&ctx.db, &scope, &filter, (asked.from, asked.to)).await?)
}

/// Usage by day, with the days that they are compared with, if any are.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn usage_by_day(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    compare: Option<Comparison>,
) -> Result<UsageByDay, UsageError> {
    let earlier = compare.map(|compare| before(asked, compare));
    let sums_before = async {
        match &earlier {
            Some(earlier) => usage_by(ctx, actor, earlier, &UsageGroup::Day).await,
            None => Ok(Vec::new()),
        }
    };
    let sums = usage_by(ctx, actor, asked, &UsageGroup::Day);
    let (sums, sums_before, stand) = try_join!(sums, sums_before, usage_stand(ctx, actor, asked))?;
    let before = earlier.map(|earlier| days(ctx, &earlier, sums_before, &stand));
    Ok(UsageByDay { days: days(ctx, asked, sums, &stand), before, stand })
}

/// Says of a day whether all usage of it is known, so far as it has come.
pub(super) fn known_days(ctx: &Context, stand: &UsageStand) -> impl Fn(NaiveDate) -> bool + use<> {
    let today = ctx.env.now().date_naive();
    let from = stand.first_day();
    move |day| from.is_some_and(|from| day >= from) && day <= today
}

/// Every day of a question. A day without usage is one of which nothing is known when it is before what is known of all.
fn days(ctx: &Context, asked: &UsageQuestion, sums: Vec<UsageGroupTotals>, stand: &UsageStand) -> Vec<UsageDay> {
    let known: HashMap<String, UsageTotals> = sums.into_iter().map(|sum| (sum.key, sum.totals)).collect();
    let none = known_days(ctx, stand);
    let day = |day: NaiveDate| UsageDay {
        day,
        totals: known.get(&day.to_string()).copied().or(none(day).then(UsageTotals::default)),
    };
    asked.from.iter_days().take_while(|d| *d < asked.to).map(day).collect()
}

/// How many WorkSpaces were connected for how long.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn distribute_usage(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
) -> Result<UsageDistribution, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    let scope = actor.scope(Permission::UsageRead);
    let hours = async { Ok(usage::usage_hours(&ctx.db, &scope, &filter, (asked.from, asked.to)).await?) };
    let (hours, unused, stand) = try_join!(hours, count_unused(ctx, actor, asked), usage_stand(ctx, actor, asked))?;
    Ok(UsageDistribution { stand, unused, bins: bins(&hours) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_that_have_not_come_are_compared_with_none() {
        let earlier = |compare, today: &str, from: &str, to: &str| {
            let asked = UsageQuestion { filter: Default::default(), from: day(from), to: day(to) };
            let UsageQuestion { from, to, .. } = before_so_far(&asked, compare, day(today));
            (from.to_string(), to.to_string())
        };
        let november = |compare, today| earlier(compare, today, "2026-11-01", "2026-12-01");
        for (compare, today, from, to) in [
            (Comparison::Month, "2026-11-23", "2026-10-01", "2026-10-24"),
            (Comparison::Year, "2026-11-23", "2025-11-01", "2025-11-24"),
            (Comparison::Previous, "2026-11-23", "2026-10-02", "2026-10-25"),
            (Comparison::Month, "2026-11-01", "2026-10-01", "2026-10-02"),
            // They are all there.
            (Comparison::Month, "2026-11-30", "2026-10-01", "2026-10-31"),
            (Comparison::Month, "2027-03-08", "2026-10-01", "2026-10-31"),
            // None of them is.
            (Comparison::Month, "2026-10-31", "2026-10-01", "2026-10-31"),
        ] {
            assert_eq!(november(compare, today), (from.to_owned(), to.to_owned()), "{compare} {today}");
        }
        // February ends before March has come so far.
        for (today, to) in [("2026-03-23", "2026-02-24"), ("2026-03-30", "2026-03-01"), ("2026-05-01", "2026-03-01")] {
            let found = earlier(Comparison::Month, today, "2026-03-01", "2026-04-01");
            assert_eq!(found, ("2026-02-01".to_owned(), to.to_owned()), "{today}");
        }
    }
}
