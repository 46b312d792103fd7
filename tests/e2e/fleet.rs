//! The list of WorkSpaces as an operator of a large fleet uses it: choosing all that match, wherever they are.

use anyhow::Result;
use testkit::app::OWNER_EMAIL;

use crate::begun::fleet;
use crate::pages::{WorkspaceListPage, shown, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn all_that_match_are_chosen_wherever_they_are() -> Result<()> {
    let app = fleet(90).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, false)).await?;
    let list = WorkspaceListPage(&browser);
    browser.until("all are counted", || async { Ok((list.total().await? == 90).then_some(())) }).await?;

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
    shown(&browser, "all-that-match-typed").await?;
    browser.click("preview-confirm").await?;
    assert_eq!(browser.count("[data-testid='toast']").await?, 0, "nothing was begun");
    browser.fill("typed-word", &count).await?;
    browser.click("preview-confirm").await?;
    let begun = browser.text("toast").await?;
    assert!(begun.contains(&format!("begun for {count} WorkSpaces")), "{begun}");
    browser.close().await?;
    app.stop().await
}
