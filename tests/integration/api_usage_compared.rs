//! Usage beside earlier days in a fleet that grows.

use anyhow::{Context as _, Result};
use chrono::{NaiveDate, NaiveTime};
use contract::paths::{USAGE_SUMMARY, USAGE_TREND};
use contract::usage::{UsageSummaryView, UsageTrendView};
use contract::workspaces::WorkspaceView;
use sea_orm::ConnectionTrait as _;
use testkit::app::TestApp;
use testkit::app_test;

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
