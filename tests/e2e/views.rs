//! Saved views: kept, found again by name, changed, shared and removed, by pointer and by keys alone; the columns that are part
//! of them; and what an address says that asks for what there is not.

use anyhow::Result;
use domain::access::Role;
use fantoccini::Locator;
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::begun::fleet_with;
use crate::pages::{Keyboard, ViewsMenu, WorkspaceListPage, fits, shown, shown_in_both, signed_in};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";

async fn begin() -> Result<TestApp> {
    fleet_with(TestAppOptions { simulated_workspaces: 60, seed: 3, ..TestAppOptions::default() }).await
}

async fn address(browser: &Browser) -> Result<String> {
    Ok(browser.client().current_url().await?.to_string())
}

async fn heads(browser: &Browser) -> Result<Vec<String>> {
    let mut heads = Vec::new();
    for head in browser.client().find_all(Locator::Css("table.fleet thead th")).await? {
        heads.push(head.text().await?);
    }
    Ok(heads.into_iter().filter(|head| !head.is_empty()).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_is_kept_used_changed_shared_and_removed() -> Result<()> {
    let app = begin().await?;
    app.create_user_named("viewer@example.com", Role::Viewer).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces?state=STOPPED&sort=-region", (1440, 900, false)).await?;
    let (views, list) = (ViewsMenu(&browser), WorkspaceListPage(&browser));
    browser.find("ws-row").await?;
    views.save("Off", true).await?;
    views.until("Off").await?;

    // Narrowed further it is another one, until it is updated.
    list.search("a").await?;
    views.until("Off (changed)").await?;
    views.open().await?;
    shown_in_both(&browser, "76-views-changed").await?;
    browser.click("view-update").await?;
    views.until("Off").await?;

    // The plain list is no view; choosing one only goes there.
    browser.click("filters-clear").await?;
    browser.until("all are shown", || async { Ok((list.total().await? == 60).then_some(())) }).await?;
    views.save("Everything by region", false).await?;
    views.until("Everything by region").await?;
    views.open().await?;
    assert_eq!(views.names().await?, ["Everything by region", "Off"]);
    shown_in_both(&browser, "76-views").await?;
    views.choose("Off").await?;
    views.until("Off").await?;
    let there = address(&browser).await?;
    assert!(there.contains("state=STOPPED") && there.contains("q=a") && there.contains("sort=-region"), "{there}");
    browser.client().refresh().await?;
    views.until("Off").await?;
    assert_eq!(address(&browser).await?, there);

    // A name that is taken is told at its field; another is kept.
    views.open().await?;
    browser.client().find_all(Locator::Css("[data-testid='view-change']")).await?[0].clone().click().await?;
    browser.fill("view-name", "off").await?;
    browser.click("view-save").await?;
    browser
        .until("it is told", || async { Ok(browser.text("view-dialog").await?.contains("already").then_some(())) })
        .await?;
    shown_in_both(&browser, "76-view-name-taken").await?;
    browser.fill("view-name", "All").await?;
    browser.click("view-save").await?;
    views.closed().await?;
    views.open().await?;
    browser.until("it is renamed", || async { Ok((views.names().await? == ["All", "Off"]).then_some(())) }).await?;
    browser.client().find_all(Locator::Css("[data-testid='view-delete']")).await?[0].clone().click().await?;
    browser.click("confirm-do").await?;
    views.closed().await?;
    views.open().await?;
    browser.until("it is gone", || async { Ok((views.names().await? == ["Off"]).then_some(())) }).await?;
    browser.close().await?;

    // Somebody else sees what is shared, and changes nothing of it.
    let phone = signed_in(&app, "viewer@example.com", "/workspaces", (390, 844, true)).await?;
    let views = ViewsMenu(&phone);
    phone.find("ws-row").await?;
    views.open().await?;
    assert_eq!(views.names().await?, ["Off"]);
    assert_eq!(phone.count("[data-testid='view-change'], [data-testid='view-delete']").await?, 0);
    fits(&phone).await?;
    shown_in_both(&phone, "76-views-shared-phone").await?;
    views.choose("Off").await?;
    views.until("Off").await?;
    assert!(address(&phone).await?.contains("state=STOPPED"));
    phone.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_view_comes_back_by_pointer_and_by_keys() -> Result<()> {
    let app = begin().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces?state=STOPPED", (1440, 900, false)).await?;
    browser.find("ws-row").await?;
    let (views, keyboard) = (ViewsMenu(&browser), Keyboard(&browser));
    views.save("Off", true).await?;
    for by_keys in [false, true] {
        views.until("Off").await?;
        views.remove().await?;
        views.until("Views").await?;
        if by_keys {
            browser.find("toast-undo").await?;
            keyboard.with_control('z').await?;
        } else {
            browser.click("toast-undo").await?;
        }
    }
    views.until("Off").await?;
    // The server has it, and others see it as before.
    browser.client().refresh().await?;
    views.until("Off").await?;
    views.open().await?;
    assert_eq!(browser.count(".view-shared").await?, 1);
    views.press(ESCAPE).await?;
    views.remove().await?;
    browser.find("toast-undo").await?;
    shown(&browser, "76-view-undo").await?;
    views.until("Views").await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_with_filters_keeps_views_by_keys_alone() -> Result<()> {
    let app = begin().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, true)).await?;
    browser.find("ws-row").await?;
    let views = ViewsMenu(&browser);
    for (path, name) in [
        ("/audit?outcome=done", "Done in AWS"),
        ("/audit/log?outcome=refused", "Refused"),
        ("/audit/all?from=2026-01-01T00%3A00%3A00Z", "Since January"),
        ("/jobs?state=dead", "Dead jobs"),
        ("/usage?by=region&order=least", "Least used"),
        ("/costs?by=region", "By region"),
    ] {
        browser.goto(&format!("{}{path}", app.url())).await?;
        views.open_by_key().await?;
        browser.find("view-new").await?.send_keys(ENTER).await?;
        browser.find("view-name").await?.send_keys(name).await?;
        views.focused("view-name").await?;
        views.press(ENTER).await?;
        views.closed().await?;
        views.until(name).await?;
        // Escape closes the menu and leaves the focus at its button; from there its first entry is a step away.
        views.open_by_key().await?;
        browser.find("view-link").await?;
        shown(&browser, &format!("77-views{}", path.split('?').next().unwrap_or_default().replace('/', "-"))).await?;
        views.press(ESCAPE).await?;
        browser
            .until("it is closed", || async {
                Ok((browser.count("[data-testid='view-link']").await? == 0).then_some(()))
            })
            .await?;
        views.focused("views").await?;
        let plain = path.split('?').next().unwrap_or_default();
        browser.goto(&format!("{}{plain}", app.url())).await?;
        views.until("Views").await?;
        views.open_by_key().await?;
        browser.find("view-link").await?;
        views.press(TAB).await?;
        views.focused("view-link").await?;
        views.press(ENTER).await?;
        views.until(name).await?;
        let there = address(&browser).await?;
        assert!(there.ends_with(path), "{there} is not {path}");
    }
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_are_chosen_kept_in_views_and_told_where_there_are_none_such() -> Result<()> {
    let app = begin().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces?limit=25", (1600, 900, false)).await?;
    let views = ViewsMenu(&browser);
    browser.find("ws-row").await?;
    let usual = ["User", "State", "Last connected", "Running mode", "Compute", "Region", "WorkSpace"];
    assert_eq!(heads(&browser).await?, usual);
    browser.click("columns").await?;
    for column in ["bundle", "ip_address", "running_mode", "compute_type"] {
        browser.click(&format!("column-{column}")).await?;
    }
    let chosen = ["User", "State", "Last connected", "Bundle", "Region", "Address", "WorkSpace"];
    browser.until("they are shown", || async { Ok((heads(&browser).await? == chosen).then_some(())) }).await?;
    shown_in_both(&browser, "78-columns").await?;
    browser.client().find(Locator::Css("body")).await?.send_keys(ESCAPE).await?;
    views.save("Addresses", false).await?;
    views.until("Addresses").await?;
    let there = address(&browser).await?;
    assert!(there.contains("columns=state%2Clast_connected_at%2Cbundle%2Cregion%2Cip_address%2Caws_id"), "{there}");
    browser.client().refresh().await?;
    browser.until("they stay", || async { Ok((heads(&browser).await? == chosen).then_some(())) }).await?;
    browser.click("columns").await?;
    browser.click("columns-usual").await?;
    browser.until("the usual ones", || async { Ok((heads(&browser).await? == usual).then_some(())) }).await?;

    // What there is not is told; the rest is shown.
    browser.goto(&format!("{}/workspaces?columns=bundle,hat&sort=shoe_size&limit=25", app.url())).await?;
    let told = browser.text("left-out").await?;
    assert!(told.contains("columns=hat") && told.contains("sort=shoe_size"), "{told}");
    browser.until("the rest", || async { Ok((heads(&browser).await? == ["User", "Bundle"]).then_some(())) }).await?;
    browser.find("ws-row").await?;
    shown(&browser, "78-columns-unknown").await?;
    browser.find_css("[data-testid='left-out'] button").await?.click().await?;
    browser
        .until("it is mended", || async {
            Ok(address(&browser).await?.ends_with("/workspaces?limit=25&columns=bundle").then_some(()))
        })
        .await?;
    browser.goto(&format!("{}/workspaces?columns=hat", app.url())).await?;
    browser.until("the usual ones", || async { Ok((heads(&browser).await? == usual).then_some(())) }).await?;
    browser.close().await?;

    // Twelve columns, and a phone, on which each row is a card.
    let all = "/workspaces?limit=25&columns=state,last_connected_at,running_mode,compute_type,bundle,region,account,directory,\
               computer_name,ip_address,state_since,aws_id";
    let wide = signed_in(&app, OWNER_EMAIL, all, (1440, 900, true)).await?;
    wide.find("ws-row").await?;
    fits(&wide).await?;
    shown(&wide, "78-columns-all").await?;
    wide.close().await?;
    let phone = signed_in(&app, OWNER_EMAIL, all, (390, 844, false)).await?;
    phone.find("ws-row").await?;
    fits(&phone).await?;
    shown(&phone, "78-columns-all-phone").await?;
    phone.close().await?;
    app.stop().await
}
