//! Actions that destroy and actions that change values, as somebody does them: what comes of it is said, what destroys must be typed,
//! what happens is seen without a reload, and what failed in part is told apart.

use anyhow::{Context as _, Result};
use fantoccini::key::Key;
use testkit::app::OWNER_EMAIL;

use crate::begun::{first, fleet, moving_fleet};
use crate::pages::{JobPage, Keyboard, WorkspaceListPage, WorkspacePage, shown, shown_in_both, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_workspace_goes_from_the_list() -> Result<()> {
    let app = moving_fleet(40).await?;
    let target = first(&app, "state=STOPPED&running_mode=AUTO_STOP").await?;
    let address = format!("/workspaces?q={}", target.aws_id);
    let browser = signed_in(&app, OWNER_EMAIL, &address, (1440, 900, false)).await?;
    let rows = async || browser.count("[data-testid='ws-row']").await;
    browser.until("it alone is there", || async { Ok((rows().await? == 1).then_some(())) }).await?;
    browser.click("ws-select").await?;
    browser.click("bulk-more").await?;
    shown_in_both(&browser, "actions-bulk-menu").await?;
    browser.click("bulk-terminate").await?;
    browser.find("preview-confirm").await?;
    let told = browser.text("preview-dialog").await?;
    assert!(told.contains("Terminate 1 WorkSpace?") && told.contains("for good"), "{told}");

    // Not before its user's name is typed.
    let button = browser.find("preview-confirm").await?;
    assert_eq!(button.attr("title").await?, Some(format!("Type {} first", target.user_name)));
    browser.fill("typed-word", "somebody else").await?;
    shown_in_both(&browser, "actions-terminate").await?;
    browser.click("preview-confirm").await?;
    assert_eq!(browser.count("[data-testid='toast']").await?, 0, "nothing was begun");
    browser.fill("typed-word", &target.user_name).await?;
    browser.click("preview-confirm").await?;
    let begun = browser.text("toast").await?;
    assert!(begun.contains("begun for 1 WorkSpace"), "{begun}");
    browser.until("the row goes", || async { Ok((rows().await? == 0).then_some(())) }).await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_by_the_keyboard_alone() -> Result<()> {
    let app = moving_fleet(40).await?;
    let target = first(&app, "state=AVAILABLE&running_mode=AUTO_STOP").await?;
    let address = format!("/workspaces/{}", target.id);
    let browser = signed_in(&app, OWNER_EMAIL, &address, (1440, 900, true)).await?;
    let keys = Keyboard(&browser);
    keys.choose("action-more").await?;
    shown_in_both(&browser, "actions-menu").await?;
    keys.choose("action-rebuild").await?;
    keys.fill("typed-word", &target.user_name).await?;
    shown_in_both(&browser, "actions-rebuild").await?;
    keys.choose("preview-confirm").await?;
    let state = async || anyhow::Ok(browser.text("detail-state").await?.to_lowercase());
    browser.until("it is rebuilt", || async { Ok(state().await?.contains("rebuilding").then_some(())) }).await?;
    browser.until("it is back", || async { Ok(state().await?.contains("available").then_some(())) }).await?;
    // Escape closes the menu and leaves the focus on its button.
    keys.choose("action-more").await?;
    browser.find("action-restore").await?;
    keys.key(Key::Escape).await?;
    browser
        .until("the menu is gone", || async {
            Ok((browser.count("[data-testid='action-restore']").await? == 0).then_some(()))
        })
        .await?;
    assert!(keys.at("[data-testid='action-more']").await?);
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_chosen_looked_at_and_changed() -> Result<()> {
    let app = moving_fleet(40).await?;
    let target = first(&app, "state=AVAILABLE&running_mode=AUTO_STOP").await?;
    let address = format!("/workspaces/{}?tab=configuration", target.id);
    let browser = signed_in(&app, OWNER_EMAIL, &address, (1440, 900, false)).await?;
    let page = async || anyhow::Ok(browser.find_css("main").await?.text().await?.to_lowercase());
    let choose = async |action: &str| -> Result<()> {
        browser.click("action-more").await?;
        browser.click(&format!("action-{action}")).await?;
        browser.find("order-preview").await.map(drop)
    };
    choose("set_tags").await?;
    shown_in_both(&browser, "actions-tags").await?;
    browser.click("order-preview").await?;
    assert_eq!(browser.count("[data-testid='preview-confirm']").await?, 0, "there is nothing to look at yet");
    browser.fill("order-set", "Team=Lighthouse").await?;
    browser.click("order-preview").await?;
    browser.find("preview-confirm").await?;
    // Back to the form: what was typed is still there.
    browser.click("order-back").await?;
    assert_eq!(browser.find("order-set").await?.prop("value").await?.as_deref(), Some("Team=Lighthouse"));
    browser.click("order-preview").await?;
    browser.click("preview-confirm").await?;
    browser.until("the tag is there", || async { Ok(page().await?.contains("lighthouse").then_some(())) }).await?;

    choose("grow_volume").await?;
    browser.fill("order-gib", "75").await?;
    let reason = browser.find("order-preview").await?.attr("title").await?.unwrap_or_default();
    assert!(reason.contains("10, 50 or 100"), "{reason}");
    shown_in_both(&browser, "actions-volume").await?;
    browser.client().find(fantoccini::Locator::Css("body")).await?.send_keys("\u{e00c}").await?;

    choose("set_running_mode").await?;
    shown_in_both(&browser, "actions-running-mode").await?;
    browser.find("order-mode").await?.select_by_value("ALWAYS_ON").await?;
    browser.click("order-preview").await?;
    browser.find("preview-confirm").await?;
    let told = browser.text("preview-dialog").await?;
    assert!(told.contains("Now AUTO_STOP") && told.contains("Billed by the month"), "{told}");
    shown_in_both(&browser, "actions-running-mode-preview").await?;
    browser.click("preview-confirm").await?;
    WorkspacePage(&browser).tab("overview").await?;
    browser.until("it is always on", || async { Ok(page().await?.contains("alwayson").then_some(())) }).await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_failed_stop_is_followed_item_by_item_and_told_apart() -> Result<()> {
    let app = fleet(90).await?;
    // Each region is asked by itself: what the first said is there while the second has not answered.
    app.faults(&["halffail:StopWorkspaces", "slow:StopWorkspaces:6s"])?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, false)).await?;
    WorkspaceListPage(&browser).choose_all(90).await?;
    browser.click("bulk-stop").await?;
    let asked = browser.find("preview-confirm").await?.attr("title").await?.unwrap_or_default();
    let count = asked.strip_prefix("Type ").and_then(|rest| rest.strip_suffix(" first")).context("a word to type")?;
    browser.fill("typed-word", count).await?;
    browser.click("preview-confirm").await?;

    let page = JobPage(&browser);
    let id = page.follow().await?;
    let first = async || {
        let items = page.items().await?;
        anyhow::Ok((items.0 == "items so far" && items.1 > 0).then_some(items))
    };
    let (_, so_far, asked) = browser.until("the first items are there", &first).await?;
    assert_eq!(asked, count.parse::<usize>()?, "those that wait are told");
    shown(&browser, "job-items-so-far").await?;
    let over = async || {
        let items = page.items().await?;
        anyhow::Ok((items.0 == "items").then_some(items))
    };
    let (_, done, all) = browser.until("all items are there", &over).await?;
    assert!(so_far < done && all == asked, "{so_far}, {done} of {all}: the items did not come one after another");

    // The page says what became of each, and agrees with what the job keeps.
    page.only("failed").await?;
    let rows = async || {
        let (good, failed) = page.outcomes().await?;
        anyhow::Ok((good == 0 && failed.len() == all - done).then_some(failed))
    };
    let failed = browser.until("those that failed are there alone", &rows).await?;
    assert!(failed.iter().all(|reason| !reason.is_empty()), "{failed:?}");
    let kept = app.wait_for_job(id).await?.result.context("an action has a result")?;
    assert_eq!(
        (kept["done"].as_u64(), kept["failed"].as_u64()),
        (u64::try_from(done).ok(), u64::try_from(failed.len()).ok())
    );
    assert!(done > 0 && !failed.is_empty(), "{kept}");
    browser.client().refresh().await?;
    browser.until("a reload shows the same", &rows).await?;
    shown(&browser, "job-items-told-apart").await?;

    // They alone are tried again, as any action is.
    app.faults(&[])?;
    browser.click("job-items-again").await?;
    let asked = browser.find("preview-confirm").await?.attr("title").await?.unwrap_or_default();
    if let Some(count) = asked.strip_prefix("Type ").and_then(|rest| rest.strip_suffix(" first")) {
        browser.fill("typed-word", count).await?;
    }
    shown_in_both(&browser, "job-items-again").await?;
    browser.click("preview-confirm").await?;
    browser.find_css("[data-testid='toast'] a").await?.click().await?;
    let well = async || {
        let elsewhere = !browser.client().current_url().await?.path().contains(&id.to_string());
        let (heading, done, all) = page.items().await?;
        anyhow::Ok((elsewhere && heading == "items" && done == all).then_some(all))
    };
    assert_eq!(browser.until("all of them are done", &well).await?, failed.len());
    browser.close().await?;
    app.stop().await
}
