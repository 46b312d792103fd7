//! Many pages of one browser at once.

use anyhow::Result;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::pages::SignInPage;

const LIVE: &str = "[data-testid='live-indicator'][data-status='live']";
/// A page that takes longer is held up by something.
const PAGE_LOADS: std::time::Duration = std::time::Duration::from_secs(20);

/// Over HTTP/1.1 a browser keeps six connections to one address: streams of hidden tabs and of pages just left must not
/// hold them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tabs_and_pages_left_do_not_keep_the_portal_from_answering() -> Result<()> {
    let app = TestApp::start(TestAppOptions { simulated_workspaces: 20, portal: true, ..TestAppOptions::default() })
        .await?
        .expect("SQLite is always there");
    app.create_owner().await?;
    let browser = Browser::open(1440, 900, false).await?;
    browser.client().update_timeouts(fantoccini::wd::TimeoutConfiguration::new(None, Some(PAGE_LOADS), None)).await?;
    browser.goto(&format!("{}/jobs", app.url())).await?;
    SignInPage(&browser).sign_in(testkit::app::OWNER_EMAIL, testkit::app::OWNER_PASSWORD).await?;
    browser.find_css(LIVE).await?;
    for _ in 0..10 {
        browser.goto(&format!("{}/accounts", app.url())).await?;
        browser.find_css(LIVE).await?;
    }
    let first = browser.client().window().await?;
    for _ in 0..8 {
        let tab = browser.client().new_window(true).await?;
        browser.client().switch_to_window(tab.handle).await?;
        browser.goto(&format!("{}/jobs", app.url())).await?;
        browser.find_css(LIVE).await?;
    }
    browser.client().switch_to_window(first).await?;
    browser.find_css(LIVE).await?;
    browser.close().await?;
    app.stop().await
}
