//! My desktop, as a member meets it: their own desktop first, in plain words; starting, restarting and stopping it, seeing it move
//! without a reload; what is in the way of that, and what comes of it; asking for something and taking it back; and somebody who
//! has no desktop.

use anyhow::{Context as _, Result};
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use domain::access::Role;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::begun::fleet_with;
use crate::pages::{DesktopPage, shown, shown_in_both, signed_in};

/// What a running desktop is called, with and without somebody connected.
const RUNS: [&str; 2] = ["Ready to use", "In use"];

/// An application and the address of a member whose desktop is stopped.
async fn begin() -> Result<(TestApp, String)> {
    begin_with("state=STOPPED&running_mode=AUTO_STOP").await
}

/// The same with a desktop that this query finds: the only one of its member.
async fn begin_with(query: &str) -> Result<(TestApp, String)> {
    let app = fleet_with(TestAppOptions {
        simulated_workspaces: 60,
        transition_seconds: Some(5),
        ..TestAppOptions::default()
    })
    .await?;
    let all: Page<WorkspaceView> = app.client().get(&format!("{}?limit=200", paths::WORKSPACES)).await?.ok()?;
    let found: Page<WorkspaceView> =
        app.client().get(&format!("{}?limit=200&{query}", paths::WORKSPACES)).await?.ok()?;
    let alone = |one: &&WorkspaceView| all.items.iter().filter(|other| other.user_name == one.user_name).count() == 1;
    let desktop = found.items.iter().find(alone).with_context(|| format!("the fleet has none with {query}"))?;
    let email = format!("{}@example.com", desktop.user_name);
    app.create_user_named(&email, Role::Member).await?;
    Ok((app, email))
}

/// Somebody with a desktop, or without, where they get to.
async fn asked_in(app: &TestApp, email: &str, window: (u32, u32, bool)) -> Result<Browser> {
    let browser = signed_in(app, email, "/sign-in", window).await?;
    browser.find("ask").await?;
    Ok(browser)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_member_starts_their_desktop_and_asks_for_another() -> Result<()> {
    let (app, email) = begin().await?;
    let browser = asked_in(&app, &email, (1440, 900, false)).await?;
    let page = DesktopPage(&browser);
    assert_eq!(browser.client().current_url().await?.path(), "/desktop", "it is what they see first");
    assert_eq!(browser.count("[data-testid='nav-overview']").await?, 0);
    browser.until("it is stopped", || async { Ok((page.state().await? == "Stopped").then_some(())) }).await?;
    shown(&browser, "64-desktop-stopped").await?;
    page.act("my-start").await?;
    let moved =
        || async { Ok(Some(page.state().await?).filter(|state| ["Ready to use", "In use"].contains(&state.as_str()))) };
    browser.until("it runs, without a reload", moved).await?;
    shown(&browser, "65-desktop-running").await?;

    // What is missing is said before it is sent.
    browser.click("ask").await?;
    browser.find("ask-kind").await?.select_by_value("other").await?;
    browser.click("ask-send").await?;
    browser
        .until("it says so", || async {
            Ok(browser.text("ask-drawer").await?.contains("ay what you need").then_some(()))
        })
        .await?;
    shown_in_both(&browser, "66-desktop-ask").await?;
    browser.fill("ask-note", "A second screen, please").await?;
    browser.click("ask-send").await?;
    browser.until("it is listed", || async { Ok((page.requests("open").await? == 1).then_some(())) }).await?;
    page.ask("new_desktop", "For a new colleague").await?;
    browser.until("both are listed", || async { Ok((page.requests("open").await? == 2).then_some(())) }).await?;
    let link = browser.find("export-csv").await?.attr("href").await?.context("an address")?;
    assert_eq!(link, format!("{}?own=true&format=csv", paths::EXPORT_REQUESTS));
    browser.click("request-withdraw").await?;
    browser.click("confirm-do").await?;
    browser.until("one is withdrawn", || async { Ok((page.requests("withdrawn").await? == 1).then_some(())) }).await?;
    shown(&browser, "67-desktop-requests").await?;
    browser.close().await?;
    let phone = asked_in(&app, &email, (390, 844, true)).await?;
    phone.find_css("[data-testid='request-row']").await?;
    phone.find("my-desktop-state").await?;
    shown(&phone, "68-desktop-phone").await?;
    phone.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_aws_refuses_is_told_in_plain_words() -> Result<()> {
    let (app, email) = begin().await?;
    let browser = asked_in(&app, &email, (1440, 900, false)).await?;
    let page = DesktopPage(&browser);
    browser.until("it is stopped", || async { Ok((page.state().await? == "Stopped").then_some(())) }).await?;
    app.faults(&["deny:StartWorkspaces"])?;
    page.act("my-start").await?;
    let refused = || async {
        let told = browser.text("my-begun").await?;
        Ok(told.contains("could not be started").then_some(told))
    };
    let told = browser.until("it is told", refused).await?;
    assert!(told.contains("Tell those who run the fleet") && !told.contains("StartWorkspaces"), "{told}");
    assert_eq!(page.state().await?, "Stopped");
    shown(&browser, "70-desktop-refused").await?;
    browser.click("my-begun-close").await?;
    app.faults(&[])?;
    page.act("my-start").await?;
    let moved =
        || async { Ok(Some(page.state().await?).filter(|state| ["Ready to use", "In use"].contains(&state.as_str()))) };
    browser.until("it runs", moved).await?;
    assert_eq!(browser.count("[data-testid='my-begun']").await?, 0, "its state tells");
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_restarts_and_stops_their_desktop_and_knows_whom_it_cuts_off() -> Result<()> {
    let (app, email) = begin_with("state=AVAILABLE&running_mode=AUTO_STOP").await?;
    let browser = asked_in(&app, &email, (1440, 900, false)).await?;
    let page = DesktopPage(&browser);
    let runs = || async { Ok(RUNS.contains(&page.state().await?.as_str()).then_some(())) };
    browser.until("it runs", runs).await?;
    assert_eq!(page.reason("my-start").await?, "It is running already.");

    let told = page.look("my-restart").await?;
    assert!(told.contains("Whoever is connected is cut off until the desktop is back"), "{told}");
    shown_in_both(&browser, "71-desktop-restart").await?;
    browser.click("preview-confirm").await?;
    let becomes = |state: &'static str| {
        let (browser, page) = (&browser, &page);
        async move {
            let is = || async { Ok((page.state().await? == state).then_some(())) };
            browser.until(state, is).await
        }
    };
    becomes("Restarting").await?;
    browser.until("it is back, without a reload", runs).await?;

    // Whom stopping cuts off is said first; who thinks better of it has stopped nothing.
    let told = page.look("my-stop").await?;
    assert!(told.contains("Whoever is connected is cut off; unsaved work in open programs can be lost"), "{told}");
    shown_in_both(&browser, "72-desktop-stop").await?;
    page.leave().await?;
    app.faults(&["deny:StopWorkspaces"])?;
    page.act("my-stop").await?;
    let refused = || async {
        let told = browser.text("my-begun").await?;
        Ok(told.contains("could not be stopped").then_some(told))
    };
    let told = browser.until("AWS's refusal is told", refused).await?;
    assert!(told.contains("Tell those who run the fleet") && !told.contains("StopWorkspaces"), "{told}");
    assert!(RUNS.contains(&page.state().await?.as_str()));
    browser.click("my-begun-close").await?;

    app.faults(&[])?;
    page.act("my-stop").await?;
    becomes("Stopped").await?;
    assert_eq!(page.reason("my-stop").await?, "It is stopped already.");
    assert_eq!(page.reason("my-restart").await?, "It is stopped: start it instead.");
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_always_runs_says_why_it_is_not_stopped() -> Result<()> {
    let (app, email) = begin_with("state=AVAILABLE&running_mode=ALWAYS_ON").await?;
    let browser = asked_in(&app, &email, (1440, 900, false)).await?;
    let page = DesktopPage(&browser);
    assert_eq!(page.reason("my-stop").await?, "It runs all the time, so that there is no stopping it.");
    browser.click("my-stop").await?;
    assert_eq!(browser.count("dialog[open]").await?, 0, "there is nothing to confirm");
    assert_eq!(browser.count("[data-testid='my-restart'][aria-disabled]").await?, 0, "it can be restarted");
    shown(&browser, "73-desktop-always-on").await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_desktop_is_told_what_to_do() -> Result<()> {
    let (app, _) = begin().await?;
    app.create_user_named("nobody.here@example.com", Role::Member).await?;
    let browser = asked_in(&app, "nobody.here@example.com", (1440, 900, true)).await?;
    let told =
        || async { Ok(browser.find_css("main").await?.text().await?.contains("You have no desktop").then_some(())) };
    browser.until("they are told", told).await?;
    shown(&browser, "69-desktop-none").await?;
    browser.close().await?;
    app.stop().await
}
