//! What people ask for, as an approver reads it: filters in the address, one in a drawer; and who is not led there.

use anyhow::Result;
use contract::paths;
use contract::requests::RequestDetailView;
use domain::access::Role;
use serde_json::json;
use testkit::app::TestApp;

use crate::begun::{first, fleet};
use crate::pages::{RequestsPage, fits, shown, shown_in_both, signed_in};

async fn begin() -> Result<(TestApp, String)> {
    let app = fleet(20).await?;
    let desktop = first(&app, "").await?;
    let email = format!("{}@example.com", desktop.user_name);
    let member = app.create_user_named(&email, Role::Member).await?;
    let wish = json!({
        "kind": "other_bundle", "workspace_id": desktop.id, "bundle": "Performance", "note": "Builds take an hour on this one.",
    });
    for body in [wish, json!({ "kind": "new_desktop" }), json!({ "kind": "other", "note": "A second screen, please" })]
    {
        let _: RequestDetailView = member.post(paths::REQUESTS, &body).await?.ok()?;
    }
    app.create_user_named("approver@example.com", Role::Approver).await?;
    app.create_user_named("viewer@example.com", Role::Viewer).await?;
    Ok((app, email))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approver_reads_what_people_ask_for() -> Result<()> {
    let (app, email) = begin().await?;
    let browser = signed_in(&app, "approver@example.com", "/", (1440, 900, false)).await?;
    let requests = RequestsPage(&browser);
    requests.open().await?;
    browser.until("all are there", || async { Ok((requests.rows().await? == 3).then_some(())) }).await?;
    shown(&browser, "90-requests").await?;
    requests.choose("kind", "other_bundle").await?;
    browser.until("one is left", || async { Ok((requests.rows().await? == 1).then_some(())) }).await?;
    requests.choose("status", "open").await?;
    let address = browser.client().current_url().await?;
    assert_eq!(address.query(), Some("status=open&kind=other_bundle"));
    browser.goto(address.as_str()).await?;
    browser.until("the same one", || async { Ok((requests.rows().await? == 1).then_some(())) }).await?;
    browser.click("request-open").await?;
    browser.find_css("[data-testid='request-drawer'] .facts").await?;
    let told = browser.text("request-drawer").await?;
    for part in [email.as_str(), "Performance", "Builds take an hour", "Open", "approval is to come"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    shown_in_both(&browser, "91-requests-one").await?;
    browser.goto(&format!("{}/requests?status=withdrawn", app.url())).await?;
    browser
        .until("there are none", || async {
            Ok(browser.find_css("main").await?.text().await?.contains("No such requests").then_some(()))
        })
        .await?;
    shown(&browser, "92-requests-none").await?;
    browser.close().await?;

    for (name, size) in [("dark", (1440, 900, true)), ("phone", (390, 1200, false))] {
        let browser = signed_in(&app, "approver@example.com", "/requests", size).await?;
        browser.find_css("[data-testid='request-row']").await?;
        shown(&browser, &format!("{name}-requests")).await?;
        fits(&browser).await?;
        browser.close().await?;
    }
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_no_others_requests_is_not_led_there() -> Result<()> {
    let (app, email) = begin().await?;
    let browser = signed_in(&app, &email, "/sign-in", (1440, 900, false)).await?;
    browser.find("nav-desktop").await?;
    assert_eq!(browser.count("[data-testid='nav-requests']").await?, 0);
    browser.close().await?;
    let browser = signed_in(&app, "viewer@example.com", "/requests", (1440, 900, false)).await?;
    browser
        .until("they are told", || async {
            Ok(browser.find_css("main").await?.text().await?.contains("You may not see this").then_some(()))
        })
        .await?;
    assert_eq!(browser.count("[data-testid='nav-requests']").await?, 0);
    shown(&browser, "93-requests-forbidden").await?;
    browser.close().await?;
    app.stop().await
}
