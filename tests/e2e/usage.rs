//! Usage: the numbers and charts of some days, narrowing them by keys and filters, taking them along, and going on to a WorkSpace;
//! and what the page says when there is nothing, nothing yet, or no right to see it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use chrono::{Datelike as _, Days, NaiveTime, TimeDelta};
use contract::page::Page;
use contract::paths;
use contract::roles::RoleView;
use contract::teams::TeamDetailView;
use contract::users::UserView;
use contract::workspaces::WorkspaceView;
use domain::access::Role;
use domain::usage::HourMask;
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use store::repo::usage_coverage::usage_covered;
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::client::Request;

use crate::begun::fleet;
use crate::pages::{UsagePage, fits, shown, signed_in};

/// Seventy days of people who work on weekdays, most from eight on, some longer than others, every sixth not at all.
pub async fn with_usage() -> Result<TestApp> {
    let app = fleet(90).await?;
    let all: Page<WorkspaceView> = app.client().get(&format!("{}?limit=200", paths::WORKSPACES)).await?.ok()?;
    let now = app.context().env.now();
    let today = now.date_naive();
    let first = today - Days::new(70);
    let begin = first.and_time(NaiveTime::MIN).and_utc();
    let mut read = Vec::new();
    for (n, one) in all.items.iter().enumerate().filter(|(n, _)| n % 6 != 5) {
        let n = u32::try_from(n)?;
        let works = |day: &chrono::NaiveDate| {
            let weekend = day.weekday().num_days_from_monday() >= 5;
            let busy = (day.num_days_from_ce().unsigned_abs() + n) % 7;
            if weekend { n % 9 == 0 } else { busy > n % 5 }
        };
        let day = |day: chrono::NaiveDate| {
            let hours = 1 + (n + day.day()) % 8;
            let from = 7 + n % 4;
            let at = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(i64::from(from));
            UsageDayRow {
                day,
                hour_mask: HourMask::of_range(from, from + hours - 1),
                connected_minutes: hours * 55,
                sessions: 1 + n % 3,
                first_at: at,
                last_at: at + TimeDelta::minutes(i64::from(hours * 55)),
                resolution_secs: 300,
            }
        };
        let days = first.iter_days().take_while(|d| *d <= today).filter(works).map(day).collect();
        read.push(WorkspaceUsage { workspace_id: one.id, from: begin, to: now, intervals: Vec::new(), days });
    }
    let db = app.database().await?;
    usage_window_replace(&db, &read).await?;
    let covered: Vec<_> = all.items.iter().map(|one| (one.id, begin, now)).collect();
    usage_covered(&db, &covered).await?;
    Ok(app)
}

/// A team of two people whose desktops were used.
async fn team(app: &TestApp, name: &str) -> Result<()> {
    let client = app.client();
    let first: Page<WorkspaceView> = client.get(&format!("{}?limit=5", paths::WORKSPACES)).await?.ok()?;
    let people: BTreeSet<_> = first.items.iter().map(|one| one.user_name.to_lowercase()).collect();
    let mut members = Vec::new();
    for person in people.iter().take(2) {
        let email = format!("{person}@example.com");
        app.create_user_named(&email, Role::Member).await?;
        let found: Page<UserView> = client.get(&format!("{}?q={email}", paths::USERS)).await?.ok()?;
        members.push(found.items.first().context("they were just made")?.id);
    }
    let team: TeamDetailView = client.post(paths::TEAMS, &serde_json::json!({ "name": name })).await?.ok()?;
    let members = serde_json::json!({ "user_ids": members });
    let put = Request::new(axum::http::Method::PUT, paths::with_id(paths::TEAM_MEMBERS, team.team.id)).json(&members);
    client.send(put).await?.ok::<TeamDetailView>().map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn usage_is_read_narrowed_and_taken_along() -> Result<()> {
    let app = with_usage().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/", (1440, 2300, false)).await?;
    let usage = UsagePage(&browser);
    browser.find("overview-total").await?;
    usage.open().await?;
    shown(&browser, "70-usage").await?;

    // The keyboard reads the chart day by day, and narrows the page to the days that it chose.
    let whole = usage.said("usage-trend").await?;
    usage.press("usage-trend", "\u{e011}\u{e014}").await?;
    let second = usage.said("usage-trend").await?;
    assert!(second != whole && second.contains(" h"), "{second}");
    usage.press("usage-trend", "\u{e008}\u{e014}\u{e014}\u{e014}\u{e008}\u{e007}").await?;
    browser
        .until("the address has the days", || async {
            let search = usage.search().await?;
            Ok((search.contains("from=") && search.contains("to=")).then_some(()))
        })
        .await?;
    browser
        .until("the numbers are those of four days", || async {
            Ok(browser.text("usage-period").await?.contains("UTC").then_some(()))
        })
        .await?;
    let heat = usage.said("usage-week").await?;
    usage.press("usage-week", "\u{e015}").await?;
    assert!(usage.said("usage-week").await? != heat, "{heat}");

    // Out again, to the days that are shown without being asked for, where there is nothing to go out of.
    // The chart may be drawn anew just then.
    let pressed = || async { browser.click("zoom-out").await.map(Some) };
    browser.until("the way out is pressed", pressed).await?;
    browser
        .until("the address has no days, and there is no further out", || async {
            let out = browser.count("[data-testid='zoom-out']").await? == 0;
            Ok((out && !usage.search().await?.contains("from=")).then_some(()))
        })
        .await?;

    // Another period, compared with the days before; the address is the page.
    browser.find_css("[data-testid='period'] option[value='90']").await?.click().await?;
    browser.find_css("[data-testid='usage-compare'] option[value='previous']").await?.click().await?;
    browser.find_css("[data-testid='figure-usage-trend'] .chart-dashed").await?;
    browser.find_css("[data-testid='usage-by'] option[value='tag:Team']").await?.click().await?;
    browser
        .until("groups are the values of a tag that there is", || async {
            Ok(browser.text("usage-groups").await?.contains("Tag Team").then_some(()))
        })
        .await?;
    browser.find_css("[data-testid='usage-by'] option[value='region']").await?.click().await?;
    browser
        .until("groups are regions, beside the days before", || async {
            let groups = browser.text("usage-groups").await?;
            Ok(["eu-central-1", "The days before"].iter().all(|words| groups.contains(*words)).then_some(()))
        })
        .await?;
    let search = usage.search().await?;
    for part in ["compare=previous", "by=region", "from="] {
        assert!(search.contains(part), "{search}");
    }
    shown(&browser, "71-usage-compared").await?;
    let hours = browser.text("usage-hours").await?;
    browser.client().refresh().await?;
    usage.drawn().await?;
    assert_eq!((browser.text("usage-hours").await?, usage.search().await?), (hours.clone(), search.clone()));

    // A year before, and back to the days before.
    browser.find_css("[data-testid='usage-compare'] option[value='year']").await?.click().await?;
    browser
        .until("a year before is beside the days", || async {
            let (_, csv) = usage.taken("usage-trend-csv").await?;
            Ok((csv.contains("A%20year%20before") && usage.search().await?.contains("compare=year")).then_some(()))
        })
        .await?;
    browser.find_css("[data-testid='usage-compare'] option[value='previous']").await?.click().await?;
    browser
        .until("the days before are beside again", || async {
            Ok((usage.search().await? == search && browser.text("usage-hours").await? == hours).then_some(()))
        })
        .await?;

    // Each day told apart by region, by a tag and by team, and all together again.
    team(&app, "Night").await?;
    browser.find_css("[data-testid='usage-split'] option[value='region']").await?.click().await?;
    browser
        .until("days are told apart", || async {
            let (_, csv) = usage.taken("usage-trend-csv").await?;
            Ok((csv.contains("eu-central-1") && usage.search().await?.contains("split=region")).then_some(()))
        })
        .await?;
    shown(&browser, "71-usage-split").await?;
    for (split, title) in [("tag:Team", "by day and tag Team"), ("team", "by day and team")] {
        browser.find_css(&format!("[data-testid='usage-split'] option[value='{split}']")).await?.click().await?;
        browser
            .until("days are told apart by that", || async {
                Ok(browser.text("figure-usage-trend").await?.contains(title).then_some(()))
            })
            .await?;
    }
    let (_, csv) = usage.taken("usage-trend-csv").await?;
    assert!(csv.contains("Night"), "{csv}");
    let told = browser.text("figure-usage-trend").await?;
    assert!(told.contains("Somebody in two teams counts in both."), "{told}");
    shown(&browser, "71-usage-split-teams").await?;
    browser.find_css("[data-testid='usage-split'] option[value='']").await?.click().await?;
    browser
        .until("all days are together", || async {
            let (_, csv) = usage.taken("usage-trend-csv").await?;
            Ok((csv.contains("Connected%20hours") && usage.search().await? == search).then_some(()))
        })
        .await?;

    // The table says the same; both can be taken along.
    browser.click("usage-trend-table").await?;
    browser.find_css("[data-testid='figure-usage-trend'] table th[scope='row']").await?;
    shown(&browser, "72-usage-table").await?;
    browser.click("usage-trend-table").await?;
    let today = app.context().env.now().date_naive();
    let days = format!("{}-to-{today}", today - Days::new(89));
    let (name, csv) = usage.taken("usage-trend-csv").await?;
    assert!(name == format!("usage-trend-{days}.csv") && csv.contains("Connected%20hours"), "{name}: {csv}");
    let (name, png) = usage.taken("usage-week-png").await?;
    assert!(
        name == format!("usage-week-{days}.png") && png.starts_with("data:image/png;base64,") && png.len() > 8_000,
        "{name}: {}",
        png.len()
    );
    let script = "const image = new Image(); image.src = arguments[0]; document.body.replaceChildren(image);";
    let (_, trend) = usage.taken("usage-trend-png").await?;
    browser.client().execute(script, vec![trend.into()]).await?;
    browser.picture("73-usage-taken").await?;
    browser.client().refresh().await?;
    usage.drawn().await?;

    // A group leads to its own usage, a row to its WorkSpace.
    browser.find_css("[data-testid='usage-by'] option[value='account']").await?.click().await?;
    browser.find_css("[data-testid='usage-groups'] a[href*='account=']").await?;
    browser.find_css("[data-testid='usage-by'] option[value='region']").await?.click().await?;
    browser.find_css("[data-testid='usage-groups'] a[href*='region=']").await?;
    browser.find_css("[data-testid='usage-groups'] a").await?.click().await?;
    browser
        .until("the page is narrowed", || async {
            Ok((usage.search().await?.contains("region=") && browser.text("usage-hours").await? != hours).then_some(()))
        })
        .await?;
    browser.find_css("[data-testid='usage-ranking'] a").await?.click().await?;
    browser.find("detail-state").await?;
    browser.close().await?;

    for (name, size) in [("dark", (1440, 2300, true)), ("phone", (390, 4200, false))] {
        let browser = signed_in(&app, OWNER_EMAIL, "/usage?compare=previous", size).await?;
        UsagePage(&browser).drawn().await?;
        shown(&browser, &format!("{name}-usage")).await?;
        fits(&browser).await?;
        browser.close().await?;
    }
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_usage_the_page_says_why() -> Result<()> {
    let app = fleet(90).await?;
    let browser =
        signed_in(&app, OWNER_EMAIL, "/usage?from=yesterday&to=2026-13-77&by=shoe", (1440, 900, false)).await?;
    browser
        .until("nothing was read yet", || async {
            Ok(browser.text("usage-figures").await?.contains("Usage was not read yet").then_some(()))
        })
        .await?;
    shown(&browser, "74-usage-unread").await?;
    browser.goto(&format!("{}/usage?q=nobody-is-called-that", app.url())).await?;
    browser
        .until("nothing matches", || async {
            Ok(browser.text("usage-figures").await?.contains("Nothing matches").then_some(()))
        })
        .await?;
    shown(&browser, "75-usage-nothing").await?;
    browser.close().await?;

    let email = "clerk@example.com";
    app.create_user_named(email, Role::Viewer).await?;
    // A link that somebody sent who may see people.
    let team = "/usage?compare=year&team=00000000-0000-0000-0000-000000000007";
    let browser = signed_in(&app, email, team, (1440, 900, false)).await?;
    browser
        .until("it is the team that they may not filter by", || async {
            Ok(browser.text("usage-figures").await?.contains("You may not filter by team").then_some(()))
        })
        .await?;
    shown(&browser, "76-usage-no-team").await?;
    browser.find_css("[data-testid='usage-figures'] .state-actions button").await?.click().await?;
    browser
        .until("the page is there without the filter", || async {
            let without = UsagePage(&browser).search().await? == "compare=year";
            Ok((without && browser.text("usage-figures").await?.contains("Usage was not read yet")).then_some(()))
        })
        .await?;
    browser.close().await?;
    let role = serde_json::json!({ "name": "Clerk", "description": "", "permissions": ["workspace:read"] });
    let role: RoleView = app.client().post(paths::ROLES, &role).await?.ok()?;
    let people: Page<UserView> = app.client().get(paths::USERS).await?.ok()?;
    let clerk = people.items.iter().find(|user| user.email == email).context("the clerk is gone")?.id;
    let grants = serde_json::json!({ "grants": [{ "role_id": role.id, "reach": "everything" }] });
    let put = Request::new(axum::http::Method::PUT, paths::with_id(paths::USER_GRANTS, clerk)).json(&grants);
    assert_eq!(app.client().send(put).await?.status, 200);
    let browser = signed_in(&app, email, "/usage", (1440, 900, true)).await?;
    browser
        .until("they are told", || async {
            Ok(browser.find_css("main").await?.text().await?.contains("You may not see this").then_some(()))
        })
        .await?;
    assert_eq!(browser.count("[data-testid='nav-usage']").await?, 0);
    shown(&browser, "76-usage-forbidden").await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hours_of_the_week_are_those_of_the_readers_clock() -> Result<()> {
    let app = with_usage().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/", (1440, 2300, false)).await?;
    let usage = UsagePage(&browser);
    // Most are there at ten o'clock of UTC, three quarters of which are an hour beginning at four in Kathmandu, 5:45 ahead.
    for (zone, busiest) in [("Etc/UTC", " at 10:00"), ("Asia/Kathmandu", " at 16:00"), ("America/New_York", " at 0")] {
        browser.devtools("Emulation.setTimezoneOverride", serde_json::json!({ "timezoneId": zone })).await?;
        browser.goto(&format!("{}/usage", app.url())).await?;
        usage.drawn().await?;
        let note = browser.text("figure-usage-week").await?;
        let clock = zone.replace('_', " ").replace("Etc/", "");
        assert!(
            note.contains(&format!("on the clock of {clock}")) || note.contains("on the clock of Asia/Katmandu"),
            "{note}"
        );
        assert_eq!(note.contains("is shared out"), zone == "Asia/Kathmandu", "{note}");
        let said = usage.said("usage-week").await?;
        assert!(said.starts_with("Most on ") && said.contains(busiest), "{zone}: {said}");
    }
    shown(&browser, "70-usage-new-york").await?;
    browser.close().await?;
    app.stop().await
}
