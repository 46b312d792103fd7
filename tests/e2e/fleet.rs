//! The list of WorkSpaces as an operator of a large fleet uses it: choosing all that match, wherever they are; and the directories and
//! bundles beside it, whose numbers lead back to it, the images and the quotas.

use anyhow::{Context as _, Result};
use contract::accounts::StartedJobsView;
use contract::page::Page;
use contract::paths;
use contract::places::{BundleView, DirectoryView, ImageView, QuotaView};
use domain::sync::SyncKind;
use sea_orm::ConnectionTrait as _;
use testkit::app::OWNER_EMAIL;

use crate::begun::fleet;
use crate::pages::{WorkspaceListPage, fits, shown, shown_in_both, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn all_that_match_are_chosen_wherever_they_are() -> Result<()> {
    let app = fleet(90).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, false)).await?;
    let list = WorkspaceListPage(&browser);
    browser.until("all are counted", || async { Ok((list.total().await? == 90).then_some(())) }).await?;
    browser.click("facet-state").await?;
    browser.find("facet-option-AVAILABLE").await?;
    shown_in_both(&browser, "all-that-match-facet").await?;
    browser.click("facet-state").await?;

    browser.click("ws-select-page").await?;
    let some = browser.until("those in sight are chosen", || async { Ok(Some(list.chosen().await?)) }).await?;
    assert!((5..40).contains(&some), "{some}");
    browser.click("bulk-all").await?;
    browser.until("all are chosen", || async { Ok((list.chosen().await? == 90).then_some(())) }).await?;
    assert_eq!(browser.count("[data-testid='bulk-all']").await?, 0, "there are no more");
    shown(&browser, "all-that-match").await?;
    browser.click("bulk-stop").await?;
    browser.find("preview-confirm").await?;
    let told = browser.text("preview-dialog").await?;
    assert!(told.contains("Stop 90 WorkSpaces?") && told.contains("won't be done"), "{told}");

    // Whoever cuts so many off types how many they are; until then the button says why it does nothing.
    let button = browser.find("preview-confirm").await?;
    let reason = button.attr("title").await?.unwrap_or_default();
    let count =
        reason.strip_prefix("Type ").and_then(|rest| rest.strip_suffix(" first")).unwrap_or_default().to_owned();
    assert!(count.parse::<u64>()? >= 10, "{reason}");
    assert_eq!(button.attr("aria-disabled").await?.as_deref(), Some("true"));
    browser.fill("typed-word", "9").await?;
    shown_in_both(&browser, "all-that-match-typed").await?;
    browser.click("preview-confirm").await?;
    assert_eq!(browser.count("[data-testid='toast']").await?, 0, "nothing was begun");
    browser.fill("typed-word", &count).await?;
    browser.click("preview-confirm").await?;
    let begun = browser.text("toast").await?;
    assert!(begun.contains(&format!("begun for {count} WorkSpaces")), "{begun}");
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn directories_and_bundles_lead_to_their_workspaces() -> Result<()> {
    let app = fleet(40).await?;
    let there: Page<DirectoryView> = app.client().get(&format!("{}?limit=200", paths::DIRECTORIES)).await?.ok()?;
    let made: Page<BundleView> = app.client().get(&format!("{}?limit=200", paths::BUNDLES)).await?.ok()?;
    let used = there.items.iter().find(|one| one.workspaces > 0).context("a directory in use")?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, false)).await?;
    let list = WorkspaceListPage(&browser);
    browser.until("all are counted", || async { Ok((list.total().await? == 40).then_some(())) }).await?;

    let rows = |kind: &'static str, expected: usize| {
        let browser = &browser;
        async move {
            let all = format!("[data-testid='{kind}-row']");
            let there = || async { Ok((browser.count(&all).await? == expected).then_some(())) };
            browser.until("each is there", there).await
        }
    };
    browser.find_css("[data-tab='directories']").await?.click().await?;
    rows("directory", there.items.len().min(50)).await?;
    shown(&browser, "directories").await?;
    browser.fill("place-search", &used.aws_id).await?;
    rows("directory", 1).await?;
    let row = browser.text("directory-row").await?;
    assert!(row.contains(&used.name) && row.contains(&used.account_name), "{row}");
    browser.click("place-workspaces").await?;
    browser.until("its WorkSpaces", || async { Ok((list.total().await? == used.workspaces).then_some(())) }).await?;

    browser.find_css("[data-tab='bundles']").await?.click().await?;
    rows("bundle", made.items.len().min(50)).await?;
    shown(&browser, "bundles").await?;
    browser.find("place-sort").await?.select_by_value("-workspaces").await?;
    let most = made.items.iter().map(|one| one.workspaces).max().context("a bundle")?.to_string();
    let first = || async { Ok((browser.text("place-workspaces").await? == most).then_some(())) };
    browser.until("the one with the most comes first", first).await?;
    assert_eq!(browser.client().current_url().await?.query(), Some("sort=-workspaces"));
    browser.fill("place-search", "nobody of this name").await?;
    let none = || async { Ok(browser.find_css("main").await?.text().await?.contains("No bundles").then_some(())) };
    browser.until("there are none", none).await?;
    shown(&browser, "bundles-none").await?;
    browser.close().await?;

    for (path, row) in [("/workspaces/directories", "directory-row"), ("/workspaces/bundles", "bundle-row")] {
        let browser = signed_in(&app, OWNER_EMAIL, path, (390, 1200, false)).await?;
        browser.find(row).await?;
        shown(&browser, &format!("phone-{row}")).await?;
        fits(&browser).await?;
        browser.close().await?;
    }
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_and_quotas_say_what_is_used_and_what_is_left() -> Result<()> {
    let app = fleet(40).await?;
    for kind in [SyncKind::Images, SyncKind::Quotas] {
        let path = paths::with_id(paths::SCHEDULE_RUN, kind);
        let started: StartedJobsView = app.client().post_empty(&path).await?.ok()?;
        for job in started.job_ids {
            app.wait_for_job(job).await?;
        }
    }
    let images: Page<ImageView> = app.client().get(&format!("{}?limit=200", paths::IMAGES)).await?.ok()?;
    let quotas: Page<QuotaView> = app.client().get(&format!("{}?limit=200", paths::QUOTAS)).await?.ok()?;
    let most = quotas.items.iter().filter(|quota| quota.name == "WorkSpaces").max_by_key(|quota| quota.used);
    let most = most.context("a quota of WorkSpaces")?;
    let used = most.used.context("it is counted")?;
    let lowered =
        format!("UPDATE quota SET value = {used} WHERE aws_id = '{}' AND region = '{}'", most.code, most.region);
    app.context().db.execute_unprepared(&lowered).await?;

    let browser = signed_in(&app, OWNER_EMAIL, "/", (1440, 900, false)).await?;
    let near = |quota: &&QuotaView| quota.used_percent.is_some_and(|percent| percent >= 80) || quota.id == most.id;
    let near = quotas.items.iter().filter(near).count();
    let told = "a[href='/workspaces/quotas?used_from=80&sort=-used']";
    browser.find_css(told).await?.click().await?;
    let rows = |kind: &'static str, expected: usize| {
        let browser = &browser;
        async move {
            let all = format!("[data-testid='{kind}-row']");
            let there = || async { Ok((browser.count(&all).await? == expected).then_some(())) };
            browser.until("each is there", there).await
        }
    };
    rows("quota", near.min(50)).await?;
    let row = browser.find_css(&format!("[data-testid='quota-row'][data-id='{}']", most.code)).await?.text().await?;
    assert!(row.contains("100 %") && row.contains(&used.to_string()), "{row}");
    shown(&browser, "quotas-nearly-used").await?;
    browser.find_css("[data-testid='place-share'] option[value='']").await?.click().await?;
    rows("quota", quotas.items.len().min(50)).await?;
    assert_eq!(browser.client().current_url().await?.query(), Some("sort=-used"));
    shown(&browser, "quotas").await?;
    browser.find_css("[data-tab='images']").await?.click().await?;
    rows("image", images.items.len().min(50)).await?;
    shown(&browser, "images").await?;
    let one = images.items.first().context("an image")?;
    browser.fill("place-search", &one.aws_id).await?;
    rows("image", 1).await?;
    assert!(browser.text("image-row").await?.contains(&one.name));
    browser.close().await?;

    for (path, row) in [("/workspaces/images", "image-row"), ("/workspaces/quotas", "quota-row")] {
        let browser = signed_in(&app, OWNER_EMAIL, path, (390, 1200, false)).await?;
        browser.find(row).await?;
        shown(&browser, &format!("phone-{row}")).await?;
        fits(&browser).await?;
        browser.close().await?;
    }
    app.stop().await
}
