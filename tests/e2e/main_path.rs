//! The main job of the product, as a person does it: first run → connect an account → sync → filter → open one → stop it →
//! see it change without a reload → sign out and in again.

use anyhow::Result;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::pages::{AccountsPage, JobsPage, SetupPage, SignInPage, WorkspaceListPage, WorkspacePage, shown_in_both};

const EMAIL: &str = "owner@example.com";
const PASSWORD: &str = "correct horse battery";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn first_run_to_a_stopped_workspace() -> Result<()> {
    let app = TestApp::start(TestAppOptions {
        simulated_workspaces: 120,
        transition_seconds: Some(6),
        portal: true,
        ..TestAppOptions::default()
    })
    .await?
    .expect("SQLite is always there");
    let browser = Browser::open(1440, 900, false).await?;

    let setup = SetupPage(&browser);
    setup.open(&app.setup_link().await?).await?;
    browser.picture("01-first-run").await?;
    setup.create_owner(EMAIL, PASSWORD).await?;
    browser.picture("02-overview-empty").await?;

    let accounts = AccountsPage(&browser);
    accounts.open().await?;
    accounts.begin().await?;
    shown_in_both(&browser, "03-account-form").await?;
    accounts.close().await?;
    accounts.connect_simulated("Demo", &["us-east-1", "eu-central-1"], app.simulator_url()).await?;
    browser.picture("03-account-connected").await?;
    accounts.test().await?;
    shown_in_both(&browser, "03-account-test").await?;
    accounts.close().await?;
    accounts.sync().await?;

    let jobs = JobsPage(&browser);
    jobs.open().await?;
    browser
        .until("both syncs are done, without a reload", || async {
            let states = jobs.states().await?;
            Ok((states.len() >= 2 && states.iter().filter(|s| s.contains("done")).count() >= 2).then_some(()))
        })
        .await?;
    browser.picture("04-jobs-done").await?;
    jobs.open_newest("Sync WorkSpaces").await?;
    browser
        .until("the page of a sync says what it found", || async {
            Ok(browser.find_css("main").await?.text().await?.contains("What the sync found").then_some(()))
        })
        .await?;

    let list = WorkspaceListPage(&browser);
    list.open().await?;
    let all = browser
        .until("the list shows the fleet", || async { Ok(Some(list.total().await?).filter(|&n| n == 120)) })
        .await?;
    browser.picture("05-workspaces").await?;
    list.search("nobody-of-this-name").await?;
    browser.until("the search finds nobody", || async { Ok(Some(list.total().await?).filter(|&n| n == 0)) }).await?;
    // The navigation leads to the list without any filter.
    list.open().await?;
    browser.until("everybody is back", || async { Ok(Some(list.total().await?).filter(|&n| n == all)) }).await?;
    list.filter_state("AVAILABLE").await?;
    let available = browser
        .until("only AVAILABLE rows remain", || async {
            let states = list.row_states().await?;
            let total = list.total().await?;
            Ok((total < all && !states.is_empty() && states.iter().all(|s| s == "AVAILABLE")).then_some(total))
        })
        .await?;
    assert!(available > 0);
    browser.picture("06-workspaces-filtered").await?;
    // The address alone carries the list's state: a reload shows the same.
    let address = browser.client().current_url().await?;
    assert!(address.query().unwrap_or_default().contains("state=AVAILABLE"), "{address}");
    // AUTO_STOP ones can be stopped.
    browser.goto(&format!("{address}&running_mode=AUTO_STOP")).await?;
    browser
        .until("the reloaded list is filtered", || async {
            let states = list.row_states().await?;
            Ok((!states.is_empty() && states.iter().all(|s| s == "AVAILABLE")).then_some(()))
        })
        .await?;

    let id = list.open_first().await?;
    let detail = WorkspacePage(&browser);
    assert!(detail.state().await?.contains("available"));
    browser.picture("07-workspace").await?;
    detail.act("stop").await?;
    browser
        .until("it is stopping, live", || async { Ok(detail.state().await?.contains("stopping").then_some(())) })
        .await?;
    browser.picture("08-workspace-stopping").await?;
    browser
        .until("it is stopped, live", || async { Ok((detail.state().await?.trim() == "stopped").then_some(())) })
        .await?;
    browser.picture("09-workspace-stopped").await?;
    assert!(browser.client().current_url().await?.path().ends_with(&id));

    let session = SignInPage(&browser);
    session.sign_out().await?;
    browser.picture("10-sign-in").await?;
    session.sign_in(EMAIL, PASSWORD).await?;
    // Signing in leads back to where one was.
    assert!(detail.state().await?.contains("stopped"));
    browser.click("nav-overview").await?;
    browser.find("overview-total").await?;
    browser.picture("11-overview").await?;
    browser.close().await?;
    app.stop().await
}
