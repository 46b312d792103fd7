//! Pages in other clothes: dark, phone width, wrong password, an address that does not exist, somebody without rights.

use anyhow::Result;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::pages::SignInPage;

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
        let wide: i64 = serde_json::from_value(
            browser
                .client()
                .execute(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth;",
                    Vec::new(),
                )
                .await?,
        )?;
        assert!(wide <= 0, "{name}: the page is {wide} px wider than the window");
        browser.close().await?;
    }
    app.stop().await
}
