//! Usage day by day and by group: what a chart stacks. The longest connected groups by themselves, the rest together.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::access::{Actor, Permission};
use futures::try_join;
use store::repo::usage::{
    UsageDayGroup, UsageDaySum, UsageGroup, UsageGroupTotals, UsageSeries, UsageTotals, usage_daily,
};
use store::repo::workspaces::GoneFilter;

use super::error::UsageError;
use super::figures::known_days;
use super::service::{UsageQuestion, filter, may_tell, usage_by};
use super::stand::{UsageStand, usage_stand};
use crate::Context;
use crate::series::shown;

/// Usage of a day by group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDayGroups {
    /// The UTC day.
    pub day: NaiveDate,
    /// The sums of all; `None` when it lies ahead, or nothing is known of it.
    pub totals: Option<UsageTotals>,
    /// Those of each group, in their order.
    pub groups: Vec<UsageTotals>,
    /// Those of all others.
    pub others: UsageTotals,
}

/// Usage by day and group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDays {
    /// How far it is known.
    pub stand: UsageStand,
    /// The longest connected groups, the longest first.
    pub groups: Vec<UsageGroupTotals>,
    /// How many others there are.
    pub others: u64,
    /// Every day.
    pub days: Vec<UsageDayGroups>,
}

/// Usage by day and group. What the teams of people are is for who may see people; somebody in two of them counts in both, and once
/// in all.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn usage_days_by(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    by: &UsageDayGroup,
) -> Result<UsageDays, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    let by_group: UsageGroup = by.clone().into();
    may_tell(actor, &by_group)?;
    let together = async {
        match by {
            UsageDayGroup::Of(_) => Ok(Vec::new()),
            UsageDayGroup::Team => usage_by(ctx, actor, asked, &UsageGroup::Day).await,
        }
    };
    let groups = usage_by(ctx, actor, asked, &by_group);
    let (mut groups, together, stand) = try_join!(groups, together, usage_stand(ctx, actor, asked))?;
    let all = groups.len();
    groups.truncate(shown(all));
    let others = u64::try_from(all - groups.len()).unwrap_or(u64::MAX);
    let keys: Vec<_> = groups.iter().map(|group| group.key.clone()).collect();
    let series = UsageSeries { group: by.clone(), keys };
    let scope = actor.scope(Permission::UsageRead);
    let sums = usage_daily(&ctx.db, &scope, &filter, (asked.from, asked.to), &series).await?;
    let known = known_days(ctx, &stand);
    let days = counted_once(by_day(asked, groups.len(), sums, known), together);
    Ok(UsageDays { stand, groups, others, days })
}

/// Days whose groups may share WorkSpaces, with the sums of all as they are `together`; other days add up to them.
fn counted_once(days: Vec<UsageDayGroups>, together: Vec<UsageGroupTotals>) -> Vec<UsageDayGroups> {
    let all: HashMap<String, UsageTotals> = together.into_iter().map(|day| (day.key, day.totals)).collect();
    let once =
        |day: UsageDayGroups| UsageDayGroups { totals: all.get(&day.day.to_string()).copied().or(day.totals), ..day };
    days.into_iter().map(once).collect()
}

/// Every day of a question. What is in no group is of others; a day without usage is known when `known` says so.
fn by_day(
    asked: &UsageQuestion,
    groups: usize,
    sums: Vec<UsageDaySum>,
    known: impl Fn(NaiveDate) -> bool,
) -> Vec<UsageDayGroups> {
    let mut found = BTreeMap::<NaiveDate, UsageDayGroups>::new();
    let none = |day| UsageDayGroups {
        day,
        totals: None,
        groups: vec![UsageTotals::default(); groups],
        others: UsageTotals::default(),
    };
    for sum in sums {
        let row = found.entry(sum.day).or_insert_with(|| none(sum.day));
        let of = row.groups.get_mut(sum.series).unwrap_or(&mut row.others);
        *of = added(*of, sum.totals);
        row.totals = Some(added(row.totals.unwrap_or_default(), sum.totals));
    }
    let day = |day: NaiveDate| {
        found.remove(&day).unwrap_or_else(|| {
            let totals = known(day).then(UsageTotals::default);
            UsageDayGroups { totals, ..none(day) }
        })
    };
    asked.from.iter_days().take_while(|day| *day < asked.to).map(day).collect()
}

fn added(one: UsageTotals, other: UsageTotals) -> UsageTotals {
    UsageTotals {
        workspaces: one.workspaces + other.workspaces,
        days: one.days + other.days,
        minutes: one.minutes + other.minutes,
        hours: one.hours + other.hours,
        sessions: one.sessions + other.sessions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn minutes(minutes: u64) -> UsageTotals {
        UsageTotals { workspaces: 1, days: 1, minutes, hours: 1, sessions: 2 }
    }

    #[test]
    fn every_day_is_there_and_its_groups_are_all_of_it() {
        let asked = UsageQuestion { filter: Default::default(), from: day("2026-02-01"), to: day("2026-02-05") };
        let sum = |text, series, of| UsageDaySum { day: day(text), series, totals: minutes(of) };
        // The fourth group came since the two were chosen.
        let sums =
            vec![sum("2026-02-01", 0, 60), sum("2026-02-01", 2, 5), sum("2026-02-03", 1, 30), sum("2026-02-03", 3, 7)];
        let days = by_day(&asked, 2, sums, |day| day.to_string() != "2026-02-04");
        assert_eq!(days.len(), 4);
        let said = |at: usize| {
            let UsageDayGroups { totals, groups, others, .. } = &days[at];
            (totals.map(|all| all.minutes), [groups[0].minutes, groups[1].minutes], others.minutes)
        };
        assert_eq!(said(0), (Some(65), [60, 0], 5));
        assert_eq!(said(1), (Some(0), [0, 0], 0));
        assert_eq!(said(2), (Some(37), [0, 30], 7));
        assert_eq!(said(3), (None, [0, 0], 0));
        assert_eq!(days[2].totals, Some(added(minutes(30), minutes(7))));
    }

    #[test]
    fn who_is_in_two_groups_counts_once_in_all() {
        let of = |text, series| UsageDaySum { day: day(text), series, totals: minutes(60) };
        let asked = UsageQuestion { filter: Default::default(), from: day("2026-02-01"), to: day("2026-02-04") };
        let sums = vec![of("2026-02-01", 0), of("2026-02-01", 1), of("2026-02-02", 1)];
        let once = |text: &str| UsageGroupTotals { key: text.into(), label: text.into(), totals: minutes(60) };
        let days = counted_once(by_day(&asked, 2, sums, |_| false), vec![once("2026-02-01"), once("2026-02-02")]);
        let said: Vec<_> = days.iter().map(|day| (day.totals, day.groups[0].minutes, day.groups[1].minutes)).collect();
        assert_eq!(said, [(Some(minutes(60)), 60, 60), (Some(minutes(60)), 0, 60), (None, 0, 0)]);
    }
}
