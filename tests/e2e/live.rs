//! The live stream in the portal: pages follow what others do, and a stream that is cut again and again tells everything once.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use contract::accounts::StartedJobsView;
use contract::paths;
use domain::sync::SyncKind;
use serde_json::{Value, from_value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;
use testkit::proxy::{Mode, Proxy};

use crate::begun::fleet;

/// Cuts that the page lives through.
const CUTS: usize = 50;

/// Notes every event that the portal's own listeners are called with, by its name and id, and how often a stream was opened.
const NOTE: &str = "
    window.heard = [];
    window.openings = 0;
    const add = EventTarget.prototype.addEventListener;
    const Source = window.EventSource;
    window.EventSource = class extends Source {
        constructor(...given) {
            super(...given);
            add.call(this, 'open', () => { window.openings += 1; });
        }
        addEventListener(name, listener, ...rest) {
            const noted = event => {
                window.heard.push([name, event.lastEventId]);
                listener.call(this, event);
            };
            add.call(this, name, noted, ...rest);
        }
    };";

/// An owner without a fleet, and a window in which they are signed in, at `url`.
async fn window(app: &TestApp, url: &str) -> Result<Browser> {
    let browser = Browser::open(1440, 900, false).await?;
    let session = app.client().session().context("the owner is signed in")?;
    browser.hold_session(url, &session).await?;
    Ok(browser)
}

async fn begin() -> Result<TestApp> {
    let options = TestAppOptions { simulated_workspaces: 0, worker: false, portal: true, ..TestAppOptions::default() };
    let app = TestApp::start(options).await?.context("SQLite is always there")?;
    app.create_owner().await?;
    Ok(app)
}

async fn make_team(app: &TestApp, number: usize) -> Result<()> {
    let team = json!({ "name": format!("Team {number}"), "description": "" });
    app.client().post(paths::TEAMS, &team).await?.ok::<Value>().map(drop)
}

async fn ask(browser: &Browser, script: &str) -> Result<Value> {
    Ok(browser.client().execute(script, Vec::new()).await?)
}

async fn live(browser: &Browser) -> Result<()> {
    browser.find_css("[data-testid='live-indicator'][data-status='live']").await.map(drop)
}

/// The names of the teams on screen, in order, each as often as it is there.
async fn teams(browser: &Browser) -> Result<Vec<String>> {
    let script = "return [...document.querySelectorAll(\"[data-testid='team-row']\")].map(row => row.dataset.name);";
    Ok(from_value(ask(browser, script).await?)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_fifty_times_the_page_misses_nothing_and_hears_nothing_twice() -> Result<()> {
    let app = begin().await?;
    let proxy = Proxy::start(app.url().trim_start_matches("http://").to_owned()).await?;
    let url = format!("http://{}", proxy.address());
    let browser = window(&app, &url).await?;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NOTE })).await?;
    browser.goto(&format!("{url}/admin/teams?limit=200")).await?;
    live(&browser).await?;
    make_team(&app, 0).await?;
    browser
        .until("the first team is shown", || async { Ok((teams(&browser).await?.len() == 1).then_some(())) })
        .await?;

    for cut in 0..CUTS {
        let before = ask(&browser, "return window.openings;").await?.as_u64().context("a number")?;
        // On its way, or not yet, when the connection goes; and while there is none.
        make_team(&app, 2 * cut + 1).await?;
        proxy.set(Mode::Cut);
        make_team(&app, 2 * cut + 2).await?;
        browser.find_css("[data-testid='live-indicator']:not([data-status='live'])").await?;
        proxy.set(Mode::Pass);
        browser
            .until("the stream is open again", || async {
                Ok(ask(&browser, "return window.openings;").await?.as_u64().filter(|now| *now > before))
            })
            .await?;
    }
    let made = 2 * CUTS + 1;
    let expected: BTreeSet<String> = (0..made).map(|number| format!("Team {number}")).collect();
    // The last reading may have been cut off as well; what happens next is followed by another.
    make_team(&app, made).await?;
    let all = browser
        .until("every team is shown, without a reload", || async {
            let shown = teams(&browser).await?;
            Ok((shown.len() > made).then_some(shown))
        })
        .await?;
    let shown: BTreeSet<String> = all.iter().cloned().collect();
    ensure!(shown.len() == all.len(), "a team is shown twice: {all:?}");
    ensure!(expected.is_subset(&shown) && all.len() == made + 1, "shown are {all:?}");

    // A reading may show the last team before the stream, which looks each second, has told of it.
    let last = services::events::latest_event_id(app.context()).await?.to_string();
    let heard: Vec<(String, String)> = browser
        .until("the last event is heard", || async {
            let heard: Vec<(String, String)> = from_value(ask(&browser, "return window.heard;").await?)?;
            Ok(heard.last().is_some_and(|(_, id)| *id == last).then_some(heard))
        })
        .await?;
    ensure!(heard.iter().all(|(name, _)| name == "changed"), "nothing was missed for good: {heard:?}");
    let heard: Vec<i64> = heard.iter().map(|(_, id)| id.parse()).collect::<Result<_, _>>()?;
    let first = heard.first().context("something was heard")? - 1;
    let kept = services::events::events_after(app.context(), first, 1000).await?;
    let kept: Vec<i64> = kept.into_iter().map(|record| record.id).collect();
    ensure!(heard == kept, "each event once, in order, after {CUTS} cuts: heard {heard:?} of {kept:?}");
    ensure!(heard.len() > 2 * CUTS, "{} events", heard.len());
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_what_others_do() -> Result<()> {
    let app = begin().await?;
    let browser = window(&app, app.url()).await?;
    let request = json!({ "kind": "other", "note": "A second screen, please" });
    let invitation = json!({
        "email": "ana@example.com", "grants": [{ "role": "viewer", "reach": "everything" }],
    });
    let role = json!({ "name": "Help desk", "description": "", "permissions": ["workspace:read"] });
    let report = json!({
        "name": "The fleet", "template": "inventory", "span": "yesterday", "format": "csv", "frequency": "never", "zone": "UTC",
        "hour": 6, "day": 1, "keep_runs": 5, "enabled": true,
    });
    let budget = json!({
        "name": "Everything", "reach": "everything", "amount": "20000", "currency": "USD", "thresholds": [80],
    });
    // Each page as it is opened, what is then done by the API, and what is there without a reload.
    let pages = [
        (
            "/audit/all",
            paths::TEAMS,
            json!({ "name": "Early shift" }),
            "[data-testid='all-row'][data-what='team.create']",
        ),
        (
            "/admin/teams",
            paths::TEAMS,
            json!({ "name": "Night shift" }),
            "[data-testid='team-row'][data-name='Night shift']",
        ),
        ("/admin/roles", paths::ROLES, role, "[data-testid='role-line'][data-name='Help desk']"),
        (
            "/admin/invitations",
            paths::INVITATIONS,
            invitation,
            "[data-testid='invitation-row'][data-email='ana@example.com']",
        ),
        ("/requests", paths::REQUESTS, request, "[data-testid='request-row'][data-kind='other']"),
        ("/reports", paths::REPORTS, report, "[data-testid='report-row'][data-name='The fleet']"),
        ("/audit/log", paths::BUDGETS, budget, "[data-testid='audit-row'][data-action='budget.create']"),
    ];
    for (page, path, body, row) in pages {
        browser.goto(&format!("{}{page}", app.url())).await?;
        live(&browser).await?;
        browser.find_css("main h1").await?;
        // Read for the first time before anything is made, or that reading would show it.
        let waits = "main .skeleton, main .row-waiting, main [aria-busy='true']";
        browser.until("the page is read", || async { Ok((browser.count(waits).await? == 0).then_some(())) }).await?;
        ensure!(browser.count(row).await? == 0, "{page} has {row} before it is made");
        app.client().post(path, &body).await?.ok::<Value>().with_context(|| path.to_owned())?;
        browser.find_css(row).await.with_context(|| format!("{page} does not follow"))?;
    }
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_follow_what_is_read() -> Result<()> {
    let app = fleet(20).await?;
    let browser = window(&app, app.url()).await?;
    for (page, kind, before, after) in [
        ("/usage", SyncKind::Usage, "Usage was not read yet", "[data-testid='usage-hours']"),
        ("/costs", SyncKind::Billing, "Bills were not read yet", "[data-testid='costs-month']"),
        ("/audit", SyncKind::CloudTrail, "No such events", "[data-testid='trail-row']"),
    ] {
        browser.goto(&format!("{}{page}", app.url())).await?;
        let none = || async { Ok(browser.find_css("main").await?.text().await?.contains(before).then_some(())) };
        browser.until(before, none).await?;
        live(&browser).await?;
        let path = paths::with_id(paths::SCHEDULE_RUN, kind);
        let started: StartedJobsView = app.client().post_empty(&path).await?.ok()?;
        for job in started.job_ids {
            app.wait_for_job(job).await?;
        }
        browser.find_css(after).await.with_context(|| format!("{page} does not follow"))?;
    }
    browser.close().await?;
    app.stop().await
}
