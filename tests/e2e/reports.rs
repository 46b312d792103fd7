//! Taking tables along, and reports: what lists offer, a report from its form to its file, who may not; in both themes and on a phone.

use anyhow::{Context as _, Result};
use contract::paths;
use domain::access::Role;
use fantoccini::Locator;
use testkit::app::OWNER_EMAIL;
use testkit::browser::Browser;

use crate::begun::fleet;
use crate::pages::{Drawer, shown, shown_in_both, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_taken_along_as_it_is_filtered() -> Result<()> {
    let app = fleet(30).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces?state=STOPPED&limit=25", (1440, 900, false)).await?;
    browser.click("export").await?;
    shown_in_both(&browser, "60-export-menu").await?;
    let link = browser.find("export-xlsx").await?.attr("href").await?.context("an address")?;
    assert_eq!(link, format!("{}?state=STOPPED&format=xlsx", paths::EXPORT_WORKSPACES));
    browser.goto(&format!("{}/jobs?state=done", app.url())).await?;
    let link = browser.find("export-csv").await?.attr("href").await?.context("an address")?;
    assert_eq!(link, format!("{}?state=done&format=csv", paths::EXPORT_JOBS));
    // A page with two tables has a file of each.
    browser.goto(&format!("{}/accounts", app.url())).await?;
    for path in [paths::EXPORT_ACCOUNTS, paths::EXPORT_ACCOUNT_REGIONS] {
        browser.find_css(&format!("a[data-testid='export-csv'][href='{path}?format=csv']")).await?;
    }
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_report_from_its_form_to_its_file() -> Result<()> {
    let app = fleet(30).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/reports", (1440, 900, false)).await?;
    let drawer = Drawer(&browser);
    browser.find("object-add").await?;
    shown(&browser, "61-reports-none").await?;
    drawer.begin().await?;
    browser.fill("report-zone", "Moon/Crater").await?;
    browser.fill("report-name", "The fleet, each Monday").await?;
    browser.click("report-save").await?;
    browser.find_css("dialog[open] .field-error").await?;
    shown_in_both(&browser, "62-report-refused").await?;
    browser.fill("report-zone", "Europe/Berlin").await?;
    browser.click("report-look").await?;
    browser.find_css("[data-testid='report-look-dialog'] tbody td").await?;
    shown_in_both(&browser, "62-report-look").await?;
    browser.find_css("[data-testid='report-look-dialog'] [aria-label='Close']").await?.click().await?;
    browser.fill("report-recipients", "nobody@example.com").await?;
    browser.click("report-save").await?;
    browser.find_css("#report-recipients-error:not(:empty)").await?;
    shown_in_both(&browser, "62-report-nobody").await?;
    // Nobody listens there: what is sent by mail arrives, what is sent there is tried again.
    browser.fill("report-recipients", OWNER_EMAIL).await?;
    browser.fill("report-webhook", "http://127.0.0.1:1/reports?key=mine").await?;
    browser.click("report-save").await?;
    assert!(browser.find("report-secret").await?.text().await?.starts_with("whsec_"));
    shown_in_both(&browser, "62-report-secret").await?;
    drawer.save("report-secret-done", "The fleet, each Monday").await?;
    shown(&browser, "63-reports").await?;

    browser.click("report-preview-open").await?;
    browser.find_css("[data-testid='report-preview'] tbody td").await?;
    shown_in_both(&browser, "63-report-preview").await?;
    // As wide as its many columns need, within the window.
    let wide =
        browser.client().execute("return document.querySelector('dialog[open]').offsetWidth", Vec::new()).await?;
    let wide = wide.as_u64().context("a width")?;
    assert!((1_200..=1_440).contains(&wide), "{wide}");
    browser.client().find(Locator::Css("dialog[open] [aria-label='Close']")).await?.click().await?;
    browser.click("report-runs-open").await?;
    browser.click("report-run").await?;
    let file = browser.find_css("[data-state='done'] [data-testid='report-download']").await?;
    let path = file.attr("href").await?.context("an address")?;
    assert!(!app.client().get(&path).await?.text().is_empty());
    browser.find_css("[data-testid='report-delivery'][data-state='delivered']").await?;
    browser.find_css("[data-testid='report-delivery'] .field-error").await?;
    shown_in_both(&browser, "64-report-sent").await?;
    browser.click("report-link").await?;
    browser.find("report-link-text").await?;
    browser.find("report-link-until").await?;
    shown_in_both(&browser, "64-report-files").await?;
    browser.click("report-unlink").await?;
    browser.find("confirm-do").await?;
    shown_in_both(&browser, "64-report-unlink").await?;
    browser.click("confirm-do").await?;
    let left = "[data-testid='report-unlink'], [data-testid='confirm-do']";
    let none_left = || async { Ok((browser.count(left).await? == 0).then_some(())) };
    browser.until("no link is left", none_left).await?;
    browser.client().find(Locator::Css("dialog[open] [aria-label='Close']")).await?.click().await?;
    drawer.ask_to_delete("The fleet, each Monday").await?;
    shown_in_both(&browser, "64-report-delete").await?;
    drawer.deleted("The fleet, each Monday").await?;
    browser.close().await?;

    let browser = signed_in(&app, OWNER_EMAIL, "/reports", (390, 844, true)).await?;
    drawer_on_a_phone(&browser).await?;
    browser.close().await?;
    app.stop().await
}

async fn drawer_on_a_phone(browser: &Browser) -> Result<()> {
    Drawer(browser).begin().await?;
    browser.fill("report-name", "On a phone").await?;
    shown_in_both(browser, "65-report-phone").await?;
    Drawer(browser).save("report-save", "On a phone").await?;
    shown(browser, "66-reports-phone-dark").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_has_no_reports() -> Result<()> {
    let app = fleet(30).await?;
    app.create_user_named("member@example.com", Role::Member).await?;
    let browser = signed_in(&app, "member@example.com", "/reports", (1440, 900, true)).await?;
    browser.find_css("[role='alert']").await?;
    shown(&browser, "67-reports-forbidden").await?;
    assert_eq!(browser.count("[data-testid='nav-reports']").await?, 0);
    browser.close().await?;
    app.stop().await
}
