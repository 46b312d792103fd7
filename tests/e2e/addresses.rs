//! An address is the page: what a reader narrowed, ordered and opened is there again after a reload and for whoever gets the link,
//! and what an address asks for that there is not leaves a page that can be read. To add a page: its line in [`states::STATES`].

mod states;

use anyhow::{Context as _, Result, ensure};
use contract::api_keys::MadeApiKeyView;
use contract::paths::{API_KEYS, AUDIT_LOG, REPORTS, REQUESTS, TRAIL_EVENTS, WORKSPACE_FACETS, WORKSPACES_TAGS};
use contract::workspaces::WorkspaceActionView;
use domain::access::Role;
use serde_json::{Value, from_value, json};
use testkit::app::TestApp;
use testkit::browser::Browser;

use self::states::STATES;
use crate::matrix::STAGE;
use crate::matrix::filled::{Ids, filled};

/// What nobody has: unknown values, cursors that are none, other keys, no days, no such parts. What is shown instead says so.
const NONSENSE: &[&str] = &[
    "/workspaces?state=FLYING&sort=colour&cursor=x&limit=0",
    "/workspaces/{workspace}?tab=shoe",
    "/workspaces/{workspace}?do=shoe",
    "/workspaces/{workspace}?tab=usage&from=2026-13-45&to=yesterday",
    "/workspaces/{workspace}?tab=cost&month=2026-99",
    "/workspaces/{workspace}?tab=activity&kind=shoe&from=never",
    "/workspaces/{workspace}?tab=activity&cursor=x",
    "/workspaces/directories?account=x&sort=colour&cursor=x",
    "/workspaces/bundles?region=moon&sort=colour&cursor=x",
    "/workspaces/images?account=x&sort=used&cursor=x&used_from=80",
    "/workspaces/quotas?region=moon&sort=workspaces&cursor=x",
    "/workspaces/quotas?used_from=1001",
    "/usage?from=2026-13-45&to=yesterday&by=shoe&compare=all&measure=shoes",
    "/costs?from=2026-02-30&to=1&by=shoe&estimate=shoe&month=2026-99&account=x&region=moon&reckoned=shoe&compared=x",
    "/costs?compared=00000000-0000-0000-0000-000000000007",
    "/audit?outcome=perhaps&from=never&cursor=x",
    "/audit/log?actor=nobody&cursor=x",
    "/audit/log?entry=first",
    "/audit/all?source=moon&outcome=perhaps&workspace=mine&from=never&cursor=x",
    "/audit?event=7",
    "/audit/shoe",
    "/jobs?state=flying&cursor=x",
    "/jobs?cursor=x",
    "/jobs/{action}?outcome=perhaps&offset=many",
    "/requests?status=perhaps&kind=shoe&cursor=x",
    "/requests?request=mine",
    "/reports?cursor=x",
    "/reports?report=mine",
    "/admin/users?role=king&sort=colour&cursor=x",
    "/admin/teams?team=old",
    "/admin/shoe",
    "/profile/shoe",
];

/// What there is not, and nothing to show instead: the page says that.
const NOWHERE: &[&str] = &["/workspaces/not-an-id", "/jobs/not-an-id", "/admin/users/not-an-id"];

/// What was asked for when lists had other pages, and means nothing now.
const PAST: &[&str] = &["/workspaces?cursor=bm90IGEgY3Vyc29y"];

/// What stands for what there is, in [`STATES`] and the lists above.
async fn names(app: &TestApp, ids: &Ids) -> Result<Vec<(&'static str, String)>> {
    let client = app.client();
    for (name, works) in [("Beta", true), ("Alpha", true), ("Gamma", false)] {
        let key = json!({ "name": name, "permissions": ["workspace:read"] });
        let made: MadeApiKeyView = client.post(API_KEYS, &key).await?.ok()?;
        if !works {
            let revoked = client.delete(&format!("{API_KEYS}/{}", made.key.id)).await?;
            ensure!(revoked.status.is_success(), "{}", revoked.text());
        }
    }
    // An action that moves nothing: a tag that no other state asks for.
    let tags = json!({ "workspace_ids": [ids.workspace], "set": { "Seen": "yes" } });
    let begun: WorkspaceActionView = client.post(WORKSPACES_TAGS, &tags).await?.ok()?;
    let action = begun.job_id.context("a job")?;
    app.wait_for_job(action).await?;
    let facets: Value = client.get(WORKSPACE_FACETS).await?.ok()?;
    let events: Value = client.get(TRAIL_EVENTS).await?.ok()?;
    let entries: Value = client.get(&format!("{AUDIT_LOG}?action=team.create")).await?.ok()?;
    let requests: Value = client.get(REQUESTS).await?.ok()?;
    let reports: Value = client.get(REPORTS).await?.ok()?;
    let text = |value: &Value, what: &str| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => anyhow::bail!("there is no {what}"),
    };
    let today = app.context().env.now().date_naive();
    let day = |ago| (today - chrono::Days::new(ago)).to_string();
    Ok(vec![
        ("{workspace}", ids.workspace.clone()),
        ("{action}", action.to_string()),
        ("{user}", ids.user.clone()),
        ("{day-60}", day(60)),
        ("{day-10}", day(10)),
        ("{month-60}", day(60)[..7].to_owned()),
        ("{account}", text(&facets["account"][0]["value"], "account")?),
        ("{directory}", text(&facets["directory"][0]["value"], "directory")?),
        ("{bundle}", text(&facets["bundle"][0]["value"], "bundle")?),
        ("{compute_type}", text(&facets["compute_type"][0]["value"], "compute type")?),
        ("{event}", text(&events["items"][0]["id"], "event")?),
        ("{entry}", text(&entries["items"][0]["seq"], "entry")?),
        ("{request}", text(&requests["items"][0]["id"], "request")?),
        ("{report}", text(&reports["items"][0]["id"], "report")?),
    ])
}

/// Where a link to a state is: no address here is of that page, and every page can be left for it.
const AWAY: &str = "/profile/appearance";

/// Goes there as by a link: what is read then.
async fn led_to(browser: &Browser, path: &str) -> Result<String> {
    // Pages of one route, which have a heading in common, are changed between without leaving it.
    let stays = path.starts_with("/profile/");
    let away = visited(browser, AWAY, stays).await?;
    ensure!(away.starts_with(AWAY), "on the way to {path} a link to {AWAY} leads elsewhere: {away}");
    visited(browser, path, stays).await
}

async fn visited(browser: &Browser, path: &str, stays: bool) -> Result<String> {
    let visit = "const [path, stays] = arguments; \
        const rests = stage.visits(path, 'as_it_is', stays).then((shown) => shown.still);";
    rested(browser, visit, vec![json!(path), json!(stays)]).await.with_context(|| format!("by a link to {path}"))
}

/// Opens the address anew: what is read then.
async fn opened(browser: &Browser, url: &str) -> Result<String> {
    browser.goto("about:blank").await?;
    browser.goto(url).await?;
    let rest = format!("{STAGE}; const rests = stage.rests();");
    rested(browser, &rest, Vec::new()).await.with_context(|| format!("{url}, opened anew"))
}

/// What is read once the page rests, as `rests` in the script says.
async fn rested(browser: &Browser, script: &str, arguments: Vec<Value>) -> Result<String> {
    let read = "const done = arguments[arguments.length - 1];
        rests.then((still) => done([still, stage.reads()])).catch((error) => done([false, String(error)]));";
    let found = browser.client().execute_async(&format!("{script} {read}"), arguments).await?;
    let (still, read): (bool, String) = from_value(found)?;
    ensure!(still, "it does not come to rest: {read}");
    Ok(read)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_the_page_however_one_comes_to_it() -> Result<()> {
    let (app, people) = filled(&[Role::Owner, Role::Operator]).await?;
    let owner = people.first().context("the owner")?;
    // So high that every row is in sight: which ones are drawn depends on where one scrolled to.
    let browser = Browser::open(1440, 4000, false).await?;
    browser.hold_session(app.url(), &owner.session).await?;
    let names = names(&app, &owner.ids).await?;
    let address = |text: &str| names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    opened(&browser, &format!("{}/reports", app.url())).await?;
    let mut wrong = Vec::new();
    for (plain, states) in STATES {
        let plain = address(plain);
        let without = led_to(&browser, &plain).await?;
        for state in *states {
            let path = format!("{plain}?{}", address(state));
            if ["/audit/log", "/audit/all"].contains(&plain.as_str()) {
                // That it is read stands in it, and counts, once in a while.
                opened(&browser, &format!("{}{path}", app.url())).await?;
            }
            let led = led_to(&browser, &path).await?;
            let anew = opened(&browser, &format!("{}{path}", app.url())).await?;
            if led != anew {
                wrong.push(format!("{path}, by a link:\n{led}\nopened anew:\n{anew}"));
            }
            let words = |read: &str| read.split_once(' ').map(|(_, words)| words.to_owned());
            if words(&led) == words(&without) {
                wrong.push(format!("{path} shows what {plain} shows:\n{led}"));
            }
        }
    }
    for path in [NONSENSE, NOWHERE, PAST].concat() {
        let read = opened(&browser, &format!("{}{}", app.url(), address(path))).await?;
        let stopped = browser.count("#stopped:not([hidden])").await?;
        if read.split_whitespace().count() < 5 || stopped > 0 {
            wrong.push(format!("{path} leaves nothing to read: {read}"));
        }
        let told = browser.count("main [data-testid='left-out']").await?;
        if told != usize::from(NONSENSE.contains(&path)) {
            wrong.push(format!("{path} has {told} words about what was left out: {read}"));
        }
        if NONSENSE.contains(&path) && browser.count("main .state-error").await? > 0 {
            wrong.push(format!("{path} is told to try again what is refused again: {read}"));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drawer_is_in_the_address_and_back_closes_it() -> Result<()> {
    let (app, people) = filled(&[Role::Owner]).await?;
    let owner = people.first().context("the owner")?;
    let browser = Browser::open(1440, 900, false).await?;
    browser.hold_session(app.url(), &owner.session).await?;
    for (path, button, drawer, name) in [
        ("/audit?changes=true", "trail-open", "trail-drawer", "event"),
        ("/audit/log?action=team.create", "audit-open", "audit-drawer", "entry"),
        ("/requests?status=open", "request-open", "request-drawer", "request"),
        ("/desktop", "request-open", "request-drawer", "request"),
        ("/reports", "report-runs-open", "report-runs-dialog", "report"),
    ] {
        let address =
            || async { anyhow::Ok(browser.client().current_url().await?.query().unwrap_or_default().to_owned()) };
        let open = format!("dialog[open][data-testid='{drawer}']");
        let is_open = |wanted: usize| {
            let (browser, open) = (&browser, &open);
            let there = move || async move { Ok((browser.count(open).await? == wanted).then_some(())) };
            async move { browser.until(if wanted == 0 { "it is closed" } else { "it is open" }, there).await }
        };
        browser.goto("about:blank").await?;
        browser.goto(&format!("{}{path}", app.url())).await?;
        browser.click(button).await?;
        is_open(1).await?;
        let shown = address().await?;
        ensure!(shown.contains(&format!("{name}=")), "{path}: {shown}");
        browser.client().refresh().await?;
        is_open(1).await?;
        ensure!(address().await? == shown, "a reload of {shown} leads elsewhere");
        browser.client().back().await?;
        is_open(0).await?;
        ensure!(!address().await?.contains(&format!("{name}=")), "{path} is left behind");
        browser.client().forward().await?;
        is_open(1).await?;
        browser.find_css(&format!("{open} [aria-label='Close']")).await?.click().await?;
        is_open(0).await?;
        let closed = || async { Ok((!address().await?.contains(&format!("{name}="))).then_some(())) };
        browser.until("it is not in the address", closed).await?;
        // Closed it leaves no step of its own; a link to it has none before it to go back to.
        browser.client().back().await?;
        let left = || async { Ok((browser.client().current_url().await?.as_str() == "about:blank").then_some(())) };
        browser.until("one step back is before the list", left).await?;
        let page = path.split('?').next().unwrap_or_default();
        // What the list refuses of the link goes from the address, and leaves the drawer open.
        browser.goto(&format!("{}{page}?cursor=x&{shown}", app.url())).await?;
        let mended = || async { Ok((!address().await?.contains("cursor=")).then_some(())) };
        browser.until("the address is mended", mended).await?;
        ensure!(address().await? == shown, "{path} is mended to something else");
        is_open(1).await?;
        browser.find_css(&format!("{open} [aria-label='Close']")).await?.click().await?;
        is_open(0).await?;
        browser.until("it is not in the address", closed).await?;
        ensure!(browser.client().current_url().await?.path() == page, "closing it led away from {path}");
    }
    browser.close().await?;
    app.stop().await
}
