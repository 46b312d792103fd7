//! My desktop, as a member meets it: their own desktop first, in plain words; starting it, seeing it move without a reload; asking
//! for something and taking it back; and somebody who has no desktop.

use anyhow::{Context as _, Result};
use contract::paths;
use domain::access::Role;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::begun::{first, fleet_with};
use crate::pages::{DesktopPage, shown, shown_in_both, signed_in};

/// An application and the address of a member whose desktop is stopped.
async fn begin() -> Result<(TestApp, String)> {
    let app = fleet_with(TestAppOptions {
        simulated_workspaces: 60,
        transition_seconds: Some(4),
        ..TestAppOptions::default()
    })
    .await?;
    let email = format!("{}@example.com", first(&app, "state=STOPPED&running_mode=AUTO_STOP").await?.user_name);
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
