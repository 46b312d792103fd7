//! Usage beside earlier days: in a fleet that grows, and in the middle of the days that are asked for.

use anyhow::{Context as _, Result};
use chrono::{NaiveDate, NaiveTime};
use contract::paths::{USAGE_GROUPS, USAGE_SUMMARY, USAGE_TREND};
use contract::usage::{UsageGroupsView, UsageSummaryView, UsageTrendView};
use contract::workspaces::WorkspaceView;
use sea_orm::ConnectionTrait as _;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::env::ShiftedClock;

use crate::api_usage::{WEEK, begin, fleet};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The first WorkSpace came in the week, when the others had been there for a month, and its usage is known from the day before on.
async fn one_comes_later(app: &TestApp, all: &[WorkspaceView]) -> Result<()> {
    let db = app.database().await?;
    let new = &all.first().context("a fleet")?.aws_id;
    let first = format!("(SELECT id FROM workspace WHERE aws_id = '{new}')");
    for change in [
        "UPDATE workspace SET first_seen_at = '2026-01-05T08:00:00+00:00'".to_owned(),
        format!("UPDATE workspace SET first_seen_at = '2026-02-05T08:00:00+00:00' WHERE aws_id = '{new}'"),
        format!("UPDATE usage_coverage SET covered_from = '2026-02-04T00:00:00+00:00' WHERE workspace_id = {first}"),
    ] {
        db.execute_unprepared(&change).await?;
    }
    Ok(())
}

app_test! {
    async fn one_that_comes_later_leaves_days_comparable(app: fleet()) {
        let all = begin(app).await?;
        let before: UsageSummaryView = app.client().get(&format!("{USAGE_SUMMARY}?{WEEK}")).await?.ok()?;
        one_comes_later(app, &all).await?;
        let after: UsageSummaryView = app.client().get(&format!("{USAGE_SUMMARY}?{WEEK}")).await?.ok()?;
        assert_eq!(after.period.known.from, Some(day("2026-01-26").and_time(NaiveTime::MIN).and_utc()));
        assert!(after.previous.known, "{:?}", after.previous);
        assert_eq!((after.previous, after.period.known), (before.previous, before.period.known));
        // Days on which nobody was connected are still days that are known.
        let trend: UsageTrendView = app.client().get(&format!("{USAGE_TREND}?{WEEK}&compare=previous")).await?.ok()?;
        let previous = trend.previous.context("it was asked for")?;
        assert!(trend.days.iter().chain(&previous).all(|one| one.totals.is_some()), "{:?}", trend.days);
        Ok(())
    }
}

app_test! {
    async fn groups_are_compared_as_the_sums_of_all_are(app: fleet()) {
        begin(app).await?;
        let client = app.client();
        for (compare, by) in [
            ("previous", "region"),
            ("previous", "bundle"),
            ("previous", "team"),
            ("previous", "tag:Team"),
            // Before anything is known.
            ("month", "region"),
            ("year", "state"),
        ] {
            let query = format!("{WEEK}&compare={compare}");
            let summary: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{query}")).await?.ok()?;
            let groups: UsageGroupsView = client.get(&format!("{USAGE_GROUPS}?{query}&by={by}&limit=200")).await?.ok()?;
            let (all, beside) = (&summary.previous, groups.previous.context("it was asked for")?);
            assert_eq!((beside.from, beside.to, beside.known), (all.from, all.to, all.known), "{query} {by}");
            let known = groups.items.iter().all(|one| one.previous.is_some() == all.known);
            assert!(known && !groups.items.is_empty(), "{query} {by}: {:?}", groups.items);
            // Whoever was connected then was in this week, too.
            let minutes: u64 = groups.items.iter().filter_map(|one| one.previous).map(|of| of.connected_minutes).sum();
            assert_eq!(minutes, if all.known { all.totals.connected_minutes } else { 0 }, "{query} {by}");
        }
        // Nobody was connected on the day before, which is known. What is not asked for is not there.
        let asked = format!("{USAGE_GROUPS}?from=2026-02-08&to=2026-02-09&by=region");
        let none: UsageGroupsView = client.get(&format!("{asked}&compare=previous")).await?.ok()?;
        let before: Vec<_> = none.items.iter().map(|one| one.previous.map(|of| of.connected_minutes)).collect();
        assert!(!before.is_empty() && before.iter().all(|minutes| *minutes == Some(0)), "{before:?}");
        let plain: UsageGroupsView = client.get(&asked).await?.ok()?;
        assert!(plain.previous.is_none() && plain.items.iter().all(|one| one.previous.is_none()), "{plain:?}");
        Ok(())
    }
}

app_test! {
    async fn a_group_is_compared_where_its_own_usage_is_known(app: fleet()) {
        let all = begin(app).await?;
        let late = all.first().context("a fleet")?.region.as_str();
        let those = format!("(SELECT id FROM workspace WHERE region = '{late}')");
        let later = format!("UPDATE usage_coverage SET covered_from = '2026-02-01T00:00:00+00:00' WHERE workspace_id IN {those}");
        app.database().await?.execute_unprepared(&later).await?;
        let asked = format!("{USAGE_GROUPS}?{WEEK}&compare=previous&by=region&limit=200");
        let groups: UsageGroupsView = app.client().get(&asked).await?.ok()?;
        assert!(!groups.previous.context("it was asked for")?.known);
        // An hour of each that was connected, but for those of which only the last of these days is known.
        for one in &groups.items {
            let hours = (one.key != late).then_some(one.totals.workspaces);
            assert_eq!(one.previous.map(|of| of.connected_minutes), hours.map(|hours| hours * 60), "{}", one.key);
        }
        let keys: Vec<_> = groups.items.iter().map(|one| one.key.as_str()).collect();
        assert!(keys.len() > 1 && keys.contains(&late), "{keys:?}");
        Ok(())
    }
}

/// The fleet at noon of a day weeks after it was used.
fn on(day: &str) -> TestAppOptions {
    let noon = format!("{day}T12:00:00Z").parse().expect("a time");
    TestAppOptions { clock: ShiftedClock::starting(noon), ..fleet() }
}

app_test! {
    async fn days_that_have_come_are_compared_with_as_many(app: on("2026-03-04")) {
        begin(app).await?;
        let client = app.client();
        let week: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{WEEK}")).await?.ok()?;
        // A day of three in the week of the fleet, a day in the one before.
        let (used, before) = (week.totals.connected_minutes / 3, week.previous.totals.connected_minutes);
        for (asked, compare, first, after, minutes) in [
            // Four weeks of which three days have come: beside Monday to Wednesday, of which two were used, and not the Sunday.
            ("from=2026-03-02&to=2026-03-30", "previous", "2026-02-02", "2026-02-05", used * 2),
            // Two weeks of which one has come.
            ("from=2026-02-26&to=2026-03-12", "month", "2026-01-26", "2026-02-02", before),
            // All have come, and none.
            ("from=2026-02-26&to=2026-03-05", "month", "2026-01-26", "2026-02-02", before),
            ("from=2026-02-16&to=2026-03-02", "previous", "2026-02-02", "2026-02-16", used * 3),
            ("from=2027-02-02&to=2027-02-09", "year", "2026-02-02", "2026-02-09", used * 3),
        ] {
            let query = format!("{asked}&compare={compare}");
            let summary: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{query}")).await?.ok()?;
            let previous = &summary.previous;
            assert_eq!((previous.from, previous.to), (day(first), day(after)), "{query}");
            assert_eq!((previous.totals.connected_minutes, previous.known), (minutes, true), "{query}");
            let groups: UsageGroupsView = client.get(&format!("{USAGE_GROUPS}?{query}")).await?.ok()?;
            let beside = groups.previous.context("it was asked for")?;
            assert_eq!((beside.from, beside.to, beside.known), (day(first), day(after), true), "{query}");
            // The days themselves all have one beside them.
            let trend: UsageTrendView = client.get(&format!("{USAGE_TREND}?{query}")).await?.ok()?;
            let days = trend.previous.context("it was asked for")?;
            assert_eq!((days.len(), days[0].day), (trend.days.len(), day(first)), "{query}");
        }
        Ok(())
    }
}

app_test! {
    async fn a_month_is_not_compared_with_its_own_days(app: on("2026-04-02")) {
        begin(app).await?;
        let client = app.client();
        let week: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{WEEK}")).await?.ok()?;
        let (used, before) = (week.totals.connected_minutes, week.previous.totals.connected_minutes);
        for (asked, first, after, minutes) in [
            // February is shorter than March.
            ("from=2026-03-01&to=2026-04-01", "2026-02-01", "2026-03-01", used),
            // Fifty days are more than a month.
            ("from=2026-02-09&to=2026-03-31", "2025-12-21", "2026-02-09", before + used),
        ] {
            let query = format!("{asked}&compare=month");
            let summary: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{query}")).await?.ok()?;
            let previous = &summary.previous;
            assert_eq!((previous.from, previous.to), (day(first), day(after)), "{query}");
            assert_eq!(previous.totals.connected_minutes, minutes, "{query}");
            let trend: UsageTrendView = client.get(&format!("{USAGE_TREND}?{query}")).await?.ok()?;
            let days: Vec<_> = trend.previous.context("it was asked for")?.iter().map(|one| one.day).collect();
            assert_eq!((days.first(), days.last()), (Some(&day(first)), day(after).pred_opt().as_ref()), "{query}");
            assert!(days.iter().all(|day| *day < trend.days[0].day), "{query}");
        }
        Ok(())
    }
}
