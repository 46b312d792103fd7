//! Pages in other clothes: dark, phone width, wrong password, an address that does not exist, somebody without rights;
//! and many pages of one browser at once.

use anyhow::Result;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::pages::{SignInPage, fits};

const LIVE: &str = "[data-testid='live-indicator'][data-status='live']";
/// A page that takes longer is held up by something.
const PAGE_LOADS: std::time::Duration = std::time::Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dark_and_phone_width() -> Result<()> {
    let app = TestApp::start(TestAppOptions { simulated_workspaces: 80, portal: true, ..TestAppOptions::default() })
        .await?
        .expect("SQLite is always there");
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    for (name, width, height, dark) in [("dark", 1440, 900, true), ("phone", 390, 844, false)] {
        let browser = Browser::open(width, height, dark).await?;
        browser.goto(&format!("{}/workspaces", app.url())).await?;
        let session = SignInPage(&browser);
        session.sign_in("owner@example.com", "not the password").await?;
        browser.find_css("[role='alert']").await?;
        browser.picture(&format!("{name}-sign-in-refused")).await?;
        session.sign_in("owner@example.com", testkit::app::OWNER_PASSWORD).await?;
        // Signing in leads back to where one wanted to go.
        browser.find("ws-row").await?;
        browser.picture(&format!("{name}-workspaces")).await?;
        for path in ["/", "/jobs", "/accounts", "/nowhere"] {
            browser.goto(&format!("{}{path}", app.url())).await?;
            browser.find_css("main h1").await?;
            tokio::time::sleep(std::time::Duration::from_millis(600)).await;
            let page = match path {
                "/" => "overview",
                other => other.trim_start_matches('/'),
            };
            browser.picture(&format!("{name}-{page}")).await?;
        }
        fits(&browser).await?;
        browser.close().await?;
    }
    app.stop().await
}

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
