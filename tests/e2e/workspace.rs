//! One WorkSpace, tab by tab: its usage, what it costs, what happened to it while somebody looks, how it is set up; each by its address
//! alone, narrow and dark; and who is not shown which.

use anyhow::{Context as _, Result};
use chrono::{Days, NaiveTime, TimeDelta};
use contract::accounts::StartedJobsView;
use contract::page::Page;
use contract::paths;
use contract::roles::RoleView;
use contract::users::UserView;
use contract::workspaces::WorkspaceView;
use domain::access::Role;
use domain::ids::WorkspaceId;
use domain::sync::{DataSetStatus, SyncKind};
use domain::usage::HourMask;
use serde_json::json;
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use store::repo::inventory::tags_apply;
use store::repo::trail::{TrailEventRow, trail_append};
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use store::repo::usage_coverage::usage_covered;
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::browser::Browser;
use testkit::client::Request;

use crate::begun::{first, moving_fleet};
use crate::pages::{UsagePage, WorkspacePage, fits, shown, signed_in};

async fn begin() -> Result<(TestApp, WorkspaceView)> {
    let app = moving_fleet(30).await?;
    let one = first(&app, "state=AVAILABLE&running_mode=AUTO_STOP").await?;
    lived(&app, &one).await?;
    let jobs: StartedJobsView =
        app.client().post_empty(&paths::with_id(paths::SCHEDULE_RUN, "sync-prices")).await?.ok()?;
    for job in jobs.job_ids {
        app.wait_for_job(job).await?;
    }
    Ok((app, one))
}

/// Twenty days of usage, sixty calls of AWS, and a tag that changed.
async fn lived(app: &TestApp, one: &WorkspaceView) -> Result<()> {
    let (db, now) = (&app.context().db, app.context().env.now());
    let first = now.date_naive() - Days::new(20);
    let begin = first.and_time(NaiveTime::MIN).and_utc();
    let day = |day: chrono::NaiveDate| UsageDayRow {
        day,
        hour_mask: HourMask::of_range(8, 13),
        connected_minutes: 320,
        sessions: 2,
        first_at: day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(8),
        last_at: day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(14),
        resolution_secs: 300,
    };
    let days = first.iter_days().take(15).map(day).collect();
    let read = WorkspaceUsage { workspace_id: one.id, from: begin, to: now, intervals: Vec::new(), days };
    usage_window_replace(db, &[read]).await?;
    usage_covered(db, &[(one.id, begin, now)]).await?;
    let event = |number: i64| TrailEventRow {
        event_id: format!("event-{number}"),
        at: now - TimeDelta::hours(number + 1),
        name: ["StopWorkspaces", "ModifyWorkspaceProperties"][usize::from(number % 2 == 1)].to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: "Admin/grace@example.com".to_owned(),
        actor_arn: None,
        source_ip: Some("203.0.113.7".to_owned()),
        user_agent: None,
        error_code: (number % 5 == 0).then(|| "AccessDenied".to_owned()),
        error_message: (number % 5 == 0).then(|| "User is not authorized".to_owned()),
        detail: json!({}),
        workspaces: vec![one.aws_id.clone()],
    };
    trail_append(db, one.account_id, &one.region, &(0..60).map(event).collect::<Vec<_>>()).await?;
    let update = DataSetUpdate {
        account_id: one.account_id,
        region: one.region.clone(),
        kind: SyncKind::CloudTrail,
        status: DataSetStatus::Ok,
        fresh_at: Some(now),
        covered_from: Some(now - TimeDelta::days(80)),
        covered_to: Some(now),
        gaps: None,
        last_run_id: None,
        last_error: None,
        missing_permission: None,
        at: now,
    };
    data_set_put(db, &update).await?;
    for (team, at) in [("core", now - TimeDelta::days(2)), ("data", now - TimeDelta::days(1))] {
        let tags = [("Team".to_owned(), team.to_owned())].into();
        tags_apply(db, &[(one.id, tags)], at).await?;
    }
    Ok(())
}

fn address(app: &TestApp, id: WorkspaceId, rest: &str) -> String {
    format!("{}/workspaces/{id}{rest}", app.url())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_tab_tells_its_part_and_is_its_address() -> Result<()> {
    let (app, one) = begin().await?;
    let browser = signed_in(&app, OWNER_EMAIL, &format!("/workspaces/{}", one.id), (1440, 1100, false)).await?;
    let page = WorkspacePage(&browser);
    assert!(page.state().await?.contains("available"));
    shown(&browser, "100-workspace-overview").await?;

    page.tab("usage").await?;
    browser.find_css("[data-testid='figure-workspace-usage-week'] svg.chart path").await?;
    assert_eq!(browser.text("usage-days").await?, "15");
    assert_eq!(browser.text("usage-sessions").await?, "30");
    shown(&browser, "101-workspace-usage").await?;
    UsagePage(&browser).press("workspace-usage-days", "\u{e011}\u{e008}\u{e014}\u{e014}\u{e008}\u{e007}").await?;
    let narrowed = || async {
        let search = browser.client().current_url().await?;
        Ok(search.query().is_some_and(|q| q.contains("tab=usage") && q.contains("from=")).then_some(()))
    };
    browser.until("the address has the days", narrowed).await?;
    browser.goto(&address(&app, one.id, "?tab=usage&from=2020-01-01&to=2020-02-01")).await?;
    browser.find("usage-none").await?;
    shown(&browser, "102-workspace-unused").await?;

    page.tab("cost").await?;
    browser.find("cost").await?;
    assert!(browser.text("cost-total").await?.contains("USD"));
    let link = browser.find_css("[data-testid='cost'] [data-testid='export-csv']").await?.attr("href").await?;
    let charges = paths::with_id(paths::EXPORT_WORKSPACE_CHARGES, one.id);
    assert!(link.as_ref().is_some_and(|link| link.starts_with(&format!("{charges}?month="))), "{link:?}");
    shown(&browser, "103-workspace-cost").await?;
    let before = browser.find("cost-month").await?.find(fantoccini::Locator::Css("option:nth-child(3)")).await?;
    before.click().await?;
    browser
        .until("another month", || async {
            Ok(browser.client().current_url().await?.query().unwrap_or_default().contains("month=").then_some(()))
        })
        .await?;

    // A month in which nobody used it: the advice, what it stands on, and the way to act on it.
    let (db, now) = (&app.context().db, app.context().env.now());
    let (from, to) = (now - TimeDelta::days(70), now - TimeDelta::days(21));
    let read = WorkspaceUsage { workspace_id: one.id, from, to, intervals: Vec::new(), days: Vec::new() };
    usage_window_replace(db, &[read]).await?;
    usage_covered(db, &[(one.id, from, now)]).await?;
    page.tab("recommendations").await?;
    let advice = browser.text("advice").await?;
    assert!(advice.contains("Remove it") && advice.contains("nobody was connected"), "{advice}");
    assert!(browser.text("advice-saving").await?.contains("USD a month less"));
    assert_eq!(browser.count("[data-testid='advice-mode']").await?, 2);
    let link = browser.find_css("[data-testid='advice'] [data-testid='export-csv']").await?.attr("href").await?;
    let modes = paths::with_id(paths::EXPORT_WORKSPACE_ADVICE, one.id);
    assert_eq!(link, Some(format!("{modes}?format=csv")));
    shown(&browser, "103-workspace-recommendations").await?;
    browser.click("advice-act").await?;
    browser.find_css("dialog[open]").await?;

    browser.goto(&address(&app, one.id, "?tab=configuration")).await?;
    browser
        .until("the tag's change is told", || async {
            Ok(browser.text("configuration-changes").await?.contains("core → data").then_some(()))
        })
        .await?;
    shown(&browser, "104-workspace-configuration").await?;
    browser.close().await?;

    for (name, size) in [("dark", (1440, 1500, true)), ("phone", (390, 2600, false))] {
        let browser = signed_in(&app, OWNER_EMAIL, &format!("/workspaces/{}", one.id), size).await?;
        browser.find("detail-state").await?;
        for tab in ["usage", "activity", "configuration", "recommendations", "cost"] {
            browser.goto(&address(&app, one.id, &format!("?tab={tab}"))).await?;
            drawn(&browser, tab).await?;
            shown(&browser, &format!("{name}-workspace-{tab}")).await?;
            fits(&browser).await?;
        }
        browser.close().await?;
    }
    app.stop().await
}

/// Waits until a tab is there.
async fn drawn(browser: &Browser, tab: &str) -> Result<()> {
    let css = match tab {
        "usage" => "[data-testid='figure-workspace-usage-week'] svg.chart path",
        "activity" => "[data-testid='event']",
        "configuration" => "[data-testid='configuration-changes']",
        "recommendations" => "[data-testid='advice']",
        _ => "[data-testid='cost']",
    };
    browser.find_css(css).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_told_while_one_looks() -> Result<()> {
    let (app, one) = begin().await?;
    let path = format!("/workspaces/{}?tab=activity", one.id);
    let browser = signed_in(&app, OWNER_EMAIL, &path, (1440, 1400, false)).await?;
    let page = WorkspacePage(&browser);
    browser.until("a page of it is there", || async { Ok((page.events("").await? == 50).then_some(())) }).await?;
    assert!(browser.text("activity-notes").await?.contains("Calls of AWS are known from"));
    let all = browser.text("activity-range").await?;
    page.act("stop").await?;
    browser
        .until("the stop is told, and that it is done", || async {
            let action = page.events("[data-kind='action']").await? == 1;
            Ok((action && page.states().await?.contains(&"STOPPED".to_owned())).then_some(()))
        })
        .await?;
    assert_ne!(browser.text("activity-range").await?, all);
    shown(&browser, "105-workspace-activity").await?;

    // Further back, by kind, and by its address alone.
    browser.click("activity-older").await?;
    browser.find("activity-newest").await?;
    browser.client().back().await?;
    browser.until("the newest again", || async { Ok((page.events("").await? == 50).then_some(())) }).await?;
    browser.click("kind-action").await?;
    browser.until("the stop alone", || async { Ok((page.events("").await? == 1).then_some(())) }).await?;
    browser.click("event-record").await?;
    browser.find_css("[data-testid='audit-drawer'][open] .facts").await?;
    browser.client().back().await?;
    browser.until("the stop alone again", || async { Ok((page.events("").await? == 1).then_some(())) }).await?;
    browser.click("kind-configuration").await?;
    browser
        .until("with the tag", || async {
            Ok((page.events("[data-kind='configuration']").await? > 0
                && browser.text("activity").await?.contains("core → data"))
            .then_some(()))
        })
        .await?;
    let all = page.events("").await?;
    let address = browser.client().current_url().await?;
    assert!(address.query().unwrap_or_default().contains("kind=configuration%2Caction"), "{address}");
    browser.goto(address.as_str()).await?;
    browser.until("the same ones", || async { Ok((page.events("").await? == all).then_some(())) }).await?;
    shown(&browser, "106-workspace-activity-narrowed").await?;
    browser.goto(&format!("{}/workspaces/{}?tab=activity&to=2020-01-01T00:00:00Z", app.url(), one.id)).await?;
    browser.click("activity-clear").await?;
    browser.until("everything again", || async { Ok((page.events("").await? == 50).then_some(())) }).await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_see_a_part_is_not_shown_it() -> Result<()> {
    let (app, one) = begin().await?;
    let email = "clerk@example.com";
    app.create_user_named(email, Role::Viewer).await?;
    let role = json!({ "name": "Clerk", "description": "", "permissions": ["workspace:read"] });
    let role: RoleView = app.client().post(paths::ROLES, &role).await?.ok()?;
    let people: Page<UserView> = app.client().get(paths::USERS).await?.ok()?;
    let clerk = people.items.iter().find(|user| user.email == email).context("the clerk is gone")?.id;
    let grants = json!({ "grants": [{ "role_id": role.id, "reach": "everything" }] });
    let put = Request::new(axum::http::Method::PUT, paths::with_id(paths::USER_GRANTS, clerk)).json(&grants);
    assert_eq!(app.client().send(put).await?.status, 200);
    let path = format!("/workspaces/{}?tab=activity", one.id);
    let browser = signed_in(&app, email, &path, (1440, 900, false)).await?;
    let page = WorkspacePage(&browser);
    let notes = browser.text("activity-notes").await?;
    assert!(notes.contains("audit:read or job:read") && notes.contains("Calls of AWS are not shown"), "{notes}");
    assert_eq!(page.events("[data-kind='aws']").await?, 0);
    assert!(page.events("[data-kind='state']").await? > 0);
    for tab in ["usage", "cost", "recommendations"] {
        assert_eq!(browser.count(&format!("[data-tab='{tab}']")).await?, 0);
    }
    shown(&browser, "107-workspace-activity-clerk").await?;
    browser.goto(&address(&app, one.id, "?tab=cost")).await?;
    browser.find("tab-refused").await?;
    shown(&browser, "108-workspace-refused").await?;
    browser.close().await?;
    app.stop().await
}
