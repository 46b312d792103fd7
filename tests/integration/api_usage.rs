//! Usage over HTTP: figures that add up to each other, pages that show each row once, filters, days that are refused, and who
//! sees what. The hours themselves are held against the simulated AWS's books in `data_totals`.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use axum::http::StatusCode;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use contract::paths::{
    USAGE_DAILY, USAGE_DISTRIBUTION, USAGE_GROUPS, USAGE_HEAT_MAP, USAGE_RANKING, USAGE_SUMMARY, USAGE_TREND,
    USAGE_UNUSED,
};
use contract::problem::code;
use contract::usage::{
    DAY_GROUPS, UsageDaysView, UsageDistributionView, UsageGroupsView, UsageHeatMapView, UsageRankingView,
    UsageSummaryView, UsageTotalsView, UsageTrendView, UsageUnusedView,
};
use contract::workspaces::WorkspaceView;
use domain::access::{Reach, Role, Scope};
use domain::usage::HourMask;
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use store::repo::usage_coverage::usage_covered;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;

use crate::support::workspaces;

/// 2 February 2026 is a Monday.
pub const WEEK: &str = "from=2026-02-02&to=2026-02-09";

/// Forty WorkSpaces.
pub fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 40, seed: 7, ..TestAppOptions::default() }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A fleet of which every second WorkSpace was connected: the one of number n on three days from 09:00 for n + 1 times ten
/// minutes, and in the week before on one day for an hour. Known from 26 January to 9 February.
pub async fn begin(app: &TestApp) -> Result<Vec<WorkspaceView>> {
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    let all = workspaces(app.client(), "").await?;
    let at = |day: NaiveDate, hour: i64| day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(hour);
    let (from, to) = (day("2026-01-26"), day("2026-02-09"));
    let row = |day: NaiveDate, minutes: u32| UsageDayRow {
        day,
        hour_mask: HourMask::of_range(9, 9 + (minutes - 1) / 60),
        connected_minutes: minutes,
        sessions: 1,
        first_at: at(day, 9),
        last_at: at(day, 9) + TimeDelta::minutes(i64::from(minutes)),
        resolution_secs: 300,
    };
    let used = all.iter().enumerate().filter(|(n, _)| n.is_multiple_of(2)).map(|(n, one)| WorkspaceUsage {
        workspace_id: one.id,
        from: at(from, 0),
        to: at(to, 0),
        intervals: Vec::new(),
        days: [("2026-01-28", 60), ("2026-02-02", minutes(n)), ("2026-02-03", minutes(n)), ("2026-02-08", minutes(n))]
            .map(|(text, minutes)| row(day(text), minutes))
            .to_vec(),
    });
    let db = app.database().await?;
    usage_window_replace(&db, &used.collect::<Vec<_>>()).await?;
    let covered: Vec<_> = all.iter().map(|one| (one.id, at(from, 0), at(to, 0))).collect();
    usage_covered(&db, &covered).await?;
    Ok(all)
}

fn minutes(n: usize) -> u32 {
    u32::try_from(n + 1).unwrap_or(0) * 10
}

/// Minutes of the week of every second one from the first on.
fn all_minutes(all: &[WorkspaceView]) -> u64 {
    (0..all.len()).step_by(2).map(|n| u64::from(minutes(n)) * 3).sum()
}

async fn refused(client: &ApiClient, path: &str) -> Result<(StatusCode, String, Option<String>)> {
    let answer = client.get(path).await?;
    let status = answer.status;
    let problem = answer.problem()?;
    Ok((status, problem.code.clone(), problem.errors.first().map(|e| e.field.clone())))
}

app_test! {
    async fn figures_add_up_to_each_other(app: fleet()) {
        let all = begin(app).await?;
        let client = app.client();
        let summary: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{WEEK}")).await?.ok()?;
        assert_eq!(summary.totals.connected_minutes, all_minutes(&all));
        assert_eq!((summary.totals.workspaces, summary.totals.days, summary.totals.sessions), (20, 60, 60));
        assert_eq!(summary.unused, 20);
        assert_eq!((summary.period.zone.as_str(), summary.period.known.workspaces, summary.period.known.unread), ("UTC", 40, 0));
        assert_eq!((summary.previous.from, summary.previous.to), (day("2026-01-26"), day("2026-02-02")));
        assert!(summary.previous.known && summary.previous.totals.connected_minutes == 20 * 60, "{:?}", summary.previous);

        let trend: UsageTrendView = client.get(&format!("{USAGE_TREND}?{WEEK}&compare=previous")).await?.ok()?;
        let days: u64 = trend.days.iter().flatten_totals();
        assert_eq!((trend.days.len(), days), (7, summary.totals.connected_minutes));
        assert_eq!(trend.days[2].totals.context("a day without usage that is known")?.connected_minutes, 0);
        let before = trend.previous.context("it was asked for")?;
        assert_eq!((before.len(), before.iter().flatten_totals()), (7, 20 * 60));
        let plain: UsageTrendView = client.get(&format!("{USAGE_TREND}?{WEEK}")).await?.ok()?;
        assert!(plain.previous.is_none());

        let heat: UsageHeatMapView = client.get(&format!("{USAGE_HEAT_MAP}?{WEEK}")).await?.ok()?;
        assert_eq!(heat.weekdays.iter().map(|w| w.days).collect::<Vec<_>>(), [1; 7]);
        let hours: u64 = heat.weekdays.iter().flat_map(|w| &w.hours).sum();
        assert_eq!(hours, summary.totals.billed_hours, "each hour of each day counts once");
        assert_eq!((heat.weekdays[0].hours[9], heat.weekdays[6].hours[9], heat.weekdays[3].hours[9]), (20, 20, 0));

        // On another clock the same minutes lie at other hours: in Kathmandu, 5:45 ahead, a quarter of each in one hour and three in
        // the next, and the Sunday's last ones on a Monday.
        let path = format!("{USAGE_HEAT_MAP}?{WEEK}&zone=Asia/Kathmandu");
        let shifted: UsageHeatMapView = client.get(&path).await?.ok()?;
        assert_eq!((shifted.zone.as_str(), shifted.period.clone()), ("Asia/Kathmandu", heat.period.clone()));
        let minutes = |view: &UsageHeatMapView| view.weekdays.iter().flat_map(|w| w.minutes.clone()).sum::<u64>();
        assert_eq!((minutes(&heat), minutes(&shifted)), (hours * 60, hours * 60));
        for (day, hour) in [(0, 14), (0, 15), (6, 15)] {
            let from = |hour: usize| heat.weekdays[day].minutes[hour];
            assert_eq!(shifted.weekdays[day].minutes[hour], from(hour - 6) / 4 * 3 + from(hour - 5) / 4, "{day} {hour}");
        }
        assert_eq!(shifted.weekdays.iter().flat_map(|w| &w.out_of).sum::<u64>(), 7 * 24 * 60);
        let refused = client.get(&format!("{USAGE_HEAT_MAP}?{WEEK}&zone=Europe/Atlantis")).await?;
        assert_eq!(refused.refused(400, "invalid_query")?.errors[0].field, "zone");

        let bins: UsageDistributionView = client.get(&format!("{USAGE_DISTRIBUTION}?{WEEK}")).await?.ok()?;
        assert_eq!(bins.bins.iter().map(|b| b.workspaces).sum::<u64>(), summary.totals.workspaces);
        assert_eq!(bins.unused, summary.unused);

        for by in ["bundle", "region", "directory", "account", "running_mode", "compute_type", "state", "team", "tag:Team"] {
            let groups: UsageGroupsView = client.get(&format!("{USAGE_GROUPS}?{WEEK}&by={by}&limit=200")).await?.ok()?;
            let sum: u64 = groups.items.iter().map(|g| g.totals.connected_minutes).sum();
            assert_eq!(sum, summary.totals.connected_minutes, "{by}");
            assert_eq!(groups.items.len() as u64, groups.total, "{by}");
        }
        Ok(())
    }
}

/// The minutes of days.
trait Minutes {
    fn flatten_totals(self) -> u64;
}

impl<'a, I: Iterator<Item = &'a contract::usage::UsageDayView>> Minutes for I {
    fn flatten_totals(self) -> u64 {
        self.filter_map(|day| day.totals.map(|t| t.connected_minutes)).sum()
    }
}

app_test! {
    async fn days_are_compared_with_those_of_a_month_and_a_year_before(app: fleet()) {
        let all = begin(app).await?;
        let client = app.client();
        // The week from 26 January, with an hour of twenty; the week of the fleet; a week of which nothing is known.
        for (asked, compare, first, minutes, known) in [
            ("from=2026-02-26&to=2026-03-05", "month", "2026-01-26", 20 * 60, true),
            ("from=2027-02-02&to=2027-02-09", "year", "2026-02-02", all_minutes(&all), true),
            (WEEK, "month", "2026-01-02", 0, false),
            (WEEK, "year", "2025-02-02", 0, false),
            (WEEK, "previous", "2026-01-26", 20 * 60, true),
        ] {
            let query = format!("{asked}&compare={compare}");
            let summary: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{query}")).await?.ok()?;
            let previous = &summary.previous;
            assert_eq!((previous.from, previous.to), (day(first), day(first) + chrono::Days::new(7)), "{query}");
            assert_eq!((previous.totals.connected_minutes, previous.known), (minutes, known), "{query}");

            let trend: UsageTrendView = client.get(&format!("{USAGE_TREND}?{query}")).await?.ok()?;
            let before = trend.previous.context("it was asked for")?;
            assert_eq!((before.len(), before[0].day), (trend.days.len(), day(first)), "{query}");
            assert_eq!(before.iter().flatten_totals(), minutes, "{query}");
            // Of days before it is known nothing is said, not that there was none.
            assert_eq!(before.iter().all(|day| day.totals.is_some()), known, "{query}");
            assert_eq!(before.iter().any(|day| day.totals.is_some()), known, "{query}");
        }
        // As many days, also from one that the month before does not have.
        let leap: UsageTrendView =
            client.get(&format!("{USAGE_TREND}?from=2026-03-31&to=2026-04-03&compare=month")).await?.ok()?;
        let days: Vec<_> = leap.previous.context("it was asked for")?.iter().map(|one| one.day).collect();
        assert_eq!(days, ["2026-02-28", "2026-03-01", "2026-03-02"].map(day));
        Ok(())
    }
}

app_test! {
    async fn days_that_are_told_apart_add_up_to_the_days(app: fleet()) {
        let all = begin(app).await?;
        let client = app.client();
        let measures: [fn(&UsageTotalsView) -> u64; 5] =
            [|of| of.workspaces, |of| of.connected_minutes, |of| of.billed_hours, |of| of.sessions, |of| of.days];
        // States are not told by the fleet's days, and the days before it is known say nothing.
        for narrowed in ["", "&state=AVAILABLE,STOPPED", "&region=eu-central-1&running_mode=AUTO_STOP"] {
            let asked = format!("from=2026-01-24&to=2026-02-09{narrowed}");
            let trend: UsageTrendView = client.get(&format!("{USAGE_TREND}?{asked}")).await?.ok()?;
            for by in DAY_GROUPS.iter().chain(&["tag:Team"]) {
                let query = format!("{asked}&by={by}");
                let found: UsageDaysView = client.get(&format!("{USAGE_DAILY}?{query}")).await?.ok()?;
                assert_eq!((found.by.as_str(), &found.period, found.days.len()), (*by, &trend.period, 16), "{query}");
                let groups: UsageGroupsView = client.get(&format!("{USAGE_GROUPS}?{query}&limit=200")).await?.ok()?;
                assert_eq!(found.groups, groups.items[..found.groups.len()], "{query}");
                assert_eq!(found.groups.len() as u64 + found.other_groups, groups.total, "{query}");
                for (row, day) in found.days.iter().zip(&trend.days) {
                    assert_eq!((row.day, row.totals, row.groups.len()), (day.day, day.totals, found.groups.len()), "{query}");
                    for of in measures {
                        let sum: u64 = row.groups.iter().chain([&row.others]).map(of).sum();
                        assert_eq!(sum, of(&row.totals.unwrap_or_default()), "{query} {}", row.day);
                    }
                }
                for (at, group) in found.groups.iter().enumerate() {
                    let minutes: u64 = found.days.iter().map(|row| row.groups[at].connected_minutes).sum();
                    assert_eq!(minutes, group.totals.connected_minutes, "{query} {}", group.key);
                }
            }
        }
        // Who sees a region sees its part, and who has a desktop that one.
        let region = all[0].region.clone();
        let viewer = app
            .create_user_with("viewer@example.com", &[(Role::Viewer, Scope::only(Reach::Region { region: region.clone() }))])
            .await?;
        let found: UsageDaysView = viewer.get(&format!("{USAGE_DAILY}?{WEEK}&by=region")).await?.ok()?;
        assert_eq!(found.groups.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), [region.as_str()]);
        assert_eq!(found.other_groups, 0);
        let member = app.create_user_named(&format!("{}@example.com", all[6].user_name), Role::Member).await?;
        let found: UsageDaysView = member.get(&format!("{USAGE_DAILY}?{WEEK}&by=bundle")).await?.ok()?;
        let sums: Vec<_> = found.days.iter().flat_map(|row| &row.groups).map(|of| of.connected_minutes).collect();
        assert_eq!((sums.iter().sum::<u64>(), found.groups.len()), (u64::from(minutes(6)) * 3, 1));
        Ok(())
    }
}

app_test! {
    async fn rankings_and_the_unused_page_each_row_once(app: fleet()) {
        let all = begin(app).await?;
        let client = app.client();
        for (order, first) in [("most", 38), ("least", 0)] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("{USAGE_RANKING}?{WEEK}&order={order}&limit=7{cursor}");
                let page: UsageRankingView = client.get(&path).await?.ok()?;
                assert_eq!(page.total, 20, "{order}");
                seen.extend(page.items.into_iter().map(|row| (row.workspace.id, row.totals.connected_minutes)));
                let Some(next) = page.next_cursor else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(seen[0], (all[first].id, u64::from(minutes(first)) * 3), "{order}");
            assert_eq!(seen.iter().map(|row| row.0).collect::<BTreeSet<_>>().len(), 20, "{order}: each once");
            let minutes: Vec<_> = seen.iter().map(|row| row.1).collect();
            assert!(if order == "most" { minutes.is_sorted_by(|a, b| a >= b) } else { minutes.is_sorted() }, "{minutes:?}");
        }
        let first: UsageUnusedView = client.get(&format!("{USAGE_UNUSED}?{WEEK}&limit=15")).await?.ok()?;
        let cursor = first.next_cursor.context("there are more")?;
        let rest: UsageUnusedView = client.get(&format!("{USAGE_UNUSED}?{WEEK}&limit=15&cursor={cursor}")).await?.ok()?;
        let unused: BTreeSet<_> = first.items.iter().chain(&rest.items).map(|w| w.id).collect();
        let expected: BTreeSet<_> = all.iter().enumerate().filter(|(n, _)| !n.is_multiple_of(2)).map(|(_, w)| w.id).collect();
        assert_eq!((unused, rest.next_cursor, rest.total), (expected, None, 20));
        // A cursor of another question is none of this one.
        let (status, code, _) = refused(client, &format!("{USAGE_UNUSED}?limit=15&from=2026-02-01&to=2026-02-09&cursor={cursor}")).await?;
        assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, code::BAD_CURSOR));
        // Before it is known nobody is called unused.
        let early: UsageUnusedView = client.get(&format!("{USAGE_UNUSED}?from=2026-01-01&to=2026-02-01")).await?.ok()?;
        assert_eq!(early.total, 0);
        Ok(())
    }
}

app_test! {
    async fn filters_narrow_and_bad_questions_are_refused_by_name(app: fleet()) {
        let all = begin(app).await?;
        let client = app.client();
        let region = all[0].region.as_str();
        let here: u64 = all
            .iter()
            .enumerate()
            .filter(|(n, w)| n.is_multiple_of(2) && w.region.as_str() == region)
            .map(|(n, _)| u64::from(minutes(n)) * 3)
            .sum();
        let summary: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{WEEK}&region={region}")).await?.ok()?;
        assert_eq!(summary.totals.connected_minutes, here);
        let one: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{WEEK}&q={}", all[4].aws_id)).await?.ok()?;
        assert_eq!((one.totals.connected_minutes, one.people), (u64::from(minutes(4)) * 3, 1));
        let none: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{WEEK}&directory=d-0")).await?.ok()?;
        assert_eq!((none.totals.connected_minutes, none.period.known.workspaces), (0, 0));
        // Without days: the last 30 of them.
        let month: UsageSummaryView = client.get(USAGE_SUMMARY).await?.ok()?;
        assert_eq!((month.period.to - month.period.from).num_days(), 30);

        for (path, query, field) in [
            (USAGE_SUMMARY, "from=2026-02-02&to=2026-02-02", "to"),
            (USAGE_SUMMARY, "from=2024-01-01&to=2026-02-02", "to"),
            (USAGE_SUMMARY, "from=1066-10-14&to=1066-10-15", "from"),
            (USAGE_SUMMARY, "from=yesterday", "from"),
            (USAGE_SUMMARY, "shoe=42", "shoe"),
            (USAGE_HEAT_MAP, "region=moon", "region"),
            (USAGE_TREND, "compare=tomorrow", "compare"),
            (USAGE_SUMMARY, "compare=tomorrow", "compare"),
            (USAGE_SUMMARY, "compare=", "compare"),
            (USAGE_DAILY, "by=state", "by"),
            (USAGE_DAILY, "by=tag:", "by"),
            (USAGE_DAILY, "by=", "by"),
            (USAGE_DAILY, "compare=year", "compare"),
            (USAGE_DISTRIBUTION, "tag=%3Dx", "tag"),
            (USAGE_GROUPS, "by=shoe", "by"),
            (USAGE_GROUPS, "by=tag:", "by"),
            (USAGE_GROUPS, "compare=tomorrow", "compare"),
            (USAGE_GROUPS, "compare=", "compare"),
            (USAGE_RANKING, "order=best", "order"),
            (USAGE_RANKING, "order=most,least", "order"),
            (USAGE_RANKING, "limit=0", "limit"),
            (USAGE_UNUSED, "account=7", "account"),
        ] {
            let (status, code, named) = refused(client, &format!("{path}?{query}")).await?;
            assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, code::INVALID_QUERY), "{path}?{query}");
            assert_eq!(named.as_deref(), Some(field), "{path}?{query}");
        }
        Ok(())
    }
}

app_test! {
    async fn everybody_sees_their_own_part_and_what_names_people_is_noted(app: fleet()) {
        let all = begin(app).await?;
        let mine = &all[6];
        let member = app.create_user_named(&format!("{}@example.com", mine.user_name), Role::Member).await?;
        let summary: UsageSummaryView = member.get(&format!("{USAGE_SUMMARY}?{WEEK}")).await?.ok()?;
        assert_eq!((summary.totals.connected_minutes, summary.people, summary.unused), (u64::from(minutes(6)) * 3, 1, 0));
        let ranking: UsageRankingView = member.get(&format!("{USAGE_RANKING}?{WEEK}")).await?.ok()?;
        assert_eq!(ranking.items.iter().map(|row| row.workspace.id).collect::<Vec<_>>(), [mine.id]);
        let (status, code, _) = refused(&member, &format!("{USAGE_GROUPS}?{WEEK}&by=team")).await?;
        assert_eq!((status, code.as_str()), (StatusCode::FORBIDDEN, code::FORBIDDEN), "teams are for who may see people");

        let region = all[0].region.clone();
        let here = Scope::only(Reach::Region { region: region.clone() });
        let viewer = app.create_user_with("viewer@example.com", &[(Role::Viewer, here)]).await?;
        let ranking: UsageRankingView = viewer.get(&format!("{USAGE_RANKING}?{WEEK}&limit=200")).await?.ok()?;
        assert!(!ranking.items.is_empty() && ranking.items.iter().all(|row| row.workspace.region == region));
        let unused: UsageUnusedView = viewer.get(&format!("{USAGE_UNUSED}?{WEEK}&limit=200")).await?.ok()?;
        assert!(unused.items.iter().all(|w| w.region == region));

        let log: contract::audit::AuditEntriesView =
            app.client().get(&format!("{}?action=usage.rank,usage.unused&limit=200", contract::paths::AUDIT_LOG)).await?.ok()?;
        let noted: BTreeSet<_> = log.items.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(noted, BTreeSet::from(["usage.rank", "usage.unused"]));
        Ok(())
    }
}
