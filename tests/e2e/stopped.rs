//! A portal that can't go on says so, keeps nobody out who does not see or point, tells the server, and comes back by its link to
//! the page one was on.

use anyhow::{Context as _, Result};
use fantoccini::key::Key;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::pages::{Keyboard, SignInPage, shown};

/// From now on nothing can be put on the page, what the framework takes for granted; until `mend` is called.
const BREAK: &str = "
    const whole = [Document, Node].map(kind => [kind.prototype, Object.getOwnPropertyDescriptors(kind.prototype)]);
    window.mend = () => whole.forEach(([kind, was]) => Object.defineProperties(kind, was));
    const broken = () => { throw new DOMException('broken by a test', 'NotSupportedError'); };
    Document.prototype.createElement = broken;
    Document.prototype.createElementNS = broken;
    Document.prototype.createTextNode = broken;
    Document.prototype.createComment = broken;
    Document.prototype.importNode = broken;
    Node.prototype.cloneNode = broken;";
/// The status of each report that was sent.
const REPORTS: &str = "
    return performance.getEntriesByType('resource')
        .filter(entry => entry.name.endsWith('/api/v1/portal-errors')).map(entry => entry.responseStatus);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_stops_says_so_and_tells_the_server() -> Result<()> {
    let app = TestApp::start(TestAppOptions { simulated_workspaces: 20, portal: true, ..TestAppOptions::default() })
        .await?
        .expect("SQLite is always there");
    app.create_owner().await?;
    let browser = Browser::open(1440, 900, false).await?;
    browser.goto(&format!("{}/jobs", app.url())).await?;
    SignInPage(&browser).sign_in(testkit::app::OWNER_EMAIL, testkit::app::OWNER_PASSWORD).await?;
    browser.find("live-indicator").await?;
    let keyboard = Keyboard(&browser);
    // What is open then must not lie over what it says.
    keyboard.press("?").await?;
    browser.find_css("dialog[open]").await?;
    browser.client().execute(BREAK, Vec::new()).await?;
    browser.client().execute("document.querySelector(\"a[href='/accounts']\").click()", Vec::new()).await?;
    browser
        .until("it says that it stopped", || async {
            let shown =
                browser.client().execute("return !document.getElementById('stopped').hidden", Vec::new()).await?;
            Ok((shown == true).then_some(()))
        })
        .await?;
    browser
        .until("the server has taken it down", || async {
            let told = browser.client().execute(REPORTS, Vec::new()).await?;
            let told = told.as_array().context("no list")?;
            Ok((told.first().and_then(serde_json::Value::as_i64) == Some(204)).then_some(()))
        })
        .await?;
    browser.client().execute("mend()", Vec::new()).await?;
    for theme in ["dark", "light"] {
        let wear = "document.documentElement.dataset.theme = arguments[0]";
        browser.client().execute(wear, vec![theme.into()]).await?;
        shown(&browser, &format!("stopped-{theme}")).await?;
    }
    // There is nothing else to come to.
    keyboard.key(Key::Tab).await?;
    assert!(keyboard.at("#stopped a").await?);
    // What the browser complained about is what was broken.
    assert!(browser.complaints().await?.iter().any(|line| line.contains("panicked")));
    let left_at = browser.client().current_url().await?;
    assert_ne!(left_at.path(), "/");
    browser.find_css("#stopped a").await?.click().await?;
    browser
        .until("the page is a new one", || async {
            let hidden = browser
                .client()
                .execute("return document.getElementById('stopped')?.hidden === true", Vec::new())
                .await?;
            Ok((hidden == true).then_some(()))
        })
        .await?;
    browser.find("live-indicator").await?;
    assert_eq!(browser.client().current_url().await?, left_at);
    browser.complaints().await?;
    browser.close().await?;
    app.stop().await
}
