//! An address is the page: what a reader narrowed, ordered and opened is there again after a reload and for whoever gets the link,
//! and what an address asks for that there is not leaves a page that can be read. To add a page: its line in [`STATES`].

use anyhow::{Context as _, Result, ensure};
use domain::access::Role;
use serde_json::{from_value, json};
use testkit::browser::Browser;

use crate::matrix::{STAGE, filled::filled};

/// The plain page, and what is narrowed, ordered or opened in its address. `{workspace}` is the id of one, `{…-N}` the day N days
/// ago.
const STATES: &[(&str, &[&str])] = &[
    (
        "/workspaces",
        &[
            "state=STOPPED",
            "running_mode=AUTO_STOP&sort=-user_name",
            "q=a",
            "region=eu-central-1&connection=CONNECTED,DISCONNECTED",
        ],
    ),
    ("/workspaces/{workspace}", &["tab=usage", "tab=cost", "tab=activity", "tab=configuration"]),
    ("/usage", &["from={day-60}&to={day-10}", "by=region&compare=previous", "running_mode=ALWAYS_ON"]),
    ("/costs", &["from={day-60}&to={day-10}", "by=region", "estimate=running_mode"]),
    // Not the audit log: that it was read stands in it, and it grows as one looks.
    ("/audit", &["name=StopWorkspaces", "outcome=refused", "changes=true"]),
    ("/jobs", &["state=done", "kind=sync-usage"]),
    ("/requests", &["status=open", "kind=other"]),
    ("/admin/users", &["q=operator", "role=owner"]),
    ("/admin/settings", &["q=server.public_url"]),
];

/// What nobody has: unknown values, cursors that are none, other keys, no days, no such parts. What is shown instead says so.
const NONSENSE: &[&str] = &[
    "/workspaces?state=FLYING&sort=colour&cursor=x&limit=0",
    "/workspaces/{workspace}?tab=shoe",
    "/workspaces/{workspace}?tab=usage&from=2026-13-45&to=yesterday",
    "/workspaces/{workspace}?tab=cost&month=2026-99",
    "/workspaces/{workspace}?tab=activity&kind=shoe&from=never",
    "/workspaces/{workspace}?tab=activity&cursor=x",
    "/usage?from=2026-13-45&to=yesterday&by=shoe&compare=all",
    "/costs?from=2026-02-30&to=1&by=shoe&estimate=shoe&month=2026-99&account=x",
    "/audit?outcome=perhaps&from=never&cursor=x",
    "/audit/log?actor=nobody&cursor=x",
    "/audit/shoe",
    "/jobs?state=flying&cursor=x",
    "/jobs?cursor=x",
    "/requests?status=perhaps&kind=shoe&cursor=x",
    "/reports?cursor=x",
    "/admin/users?role=king&sort=colour&cursor=x",
    "/admin/shoe",
    "/profile/shoe",
];

/// What there is not, and nothing to show instead: the page says that.
const NOWHERE: &[&str] = &["/workspaces/not-an-id", "/jobs/not-an-id", "/admin/users/not-an-id"];

/// What was asked for when lists had other pages, and means nothing now.
const PAST: &[&str] = &["/workspaces?cursor=bm90IGEgY3Vyc29y"];

/// Goes there as by a link: what is read then.
async fn led_to(browser: &Browser, path: &str) -> Result<String> {
    let visit =
        "const [path, done] = arguments; stage.visits(path, 'as_it_is', false).then(() => done(stage.reads()));";
    // From a page that no address here is of.
    browser.client().execute_async(visit, vec![json!("/profile/appearance")]).await?;
    Ok(from_value(browser.client().execute_async(visit, vec![json!(path)]).await?)?)
}

/// Opens the address anew: what is read then.
async fn opened(browser: &Browser, url: &str) -> Result<String> {
    browser.goto("about:blank").await?;
    browser.goto(url).await?;
    browser.find_css("main h1").await?;
    browser.client().execute(STAGE, Vec::new()).await?;
    let rest = "const done = arguments[0]; stage.rests().then(() => done(stage.reads()));";
    Ok(from_value(browser.client().execute_async(rest, Vec::new()).await?)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_the_page_however_one_comes_to_it() -> Result<()> {
    let (app, people) = filled(&[Role::Owner, Role::Operator]).await?;
    let owner = people.first().context("the owner")?;
    // So high that every row is in sight: which ones are drawn depends on where one scrolled to.
    let browser = Browser::open(1440, 4000, false).await?;
    browser.hold_session(app.url(), &owner.session).await?;
    let today = app.context().env.now().date_naive();
    let address = |text: &str| {
        let day = |ago| (today - chrono::Days::new(ago)).to_string();
        text.replace("{workspace}", &owner.ids.workspace).replace("{day-60}", &day(60)).replace("{day-10}", &day(10))
    };
    opened(&browser, &format!("{}/profile/appearance", app.url())).await?;
    let mut wrong = Vec::new();
    for (plain, states) in STATES {
        let plain = address(plain);
        let without = led_to(&browser, &plain).await?;
        for state in *states {
            let path = format!("{plain}?{}", address(state));
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
