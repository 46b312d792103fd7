//! The palette: by keys alone to a page, to a WorkSpace, to an action; and the list of keys.

use anyhow::Result;
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use fantoccini::key::Key;
use testkit::app::OWNER_EMAIL;

use crate::begun::fleet;
use crate::pages::{Palette, shown_in_both, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_alone_lead_anywhere() -> Result<()> {
    let app = fleet(30).await?;
    let someone = app.client().get(paths::WORKSPACES).await?.ok::<Page<WorkspaceView>>()?.items.remove(3);
    let browser = signed_in(&app, OWNER_EMAIL, "/", (1440, 900, false)).await?;
    browser.find("overview-total").await?;
    let palette = Palette(&browser);
    let (enter, escape) = (char::from(Key::Enter).to_string(), char::from(Key::Escape).to_string());

    // A page.
    palette.open().await?;
    shown_in_both(&browser, "palette").await?;
    palette.search("job").await?;
    browser
        .until("jobs are found", || async {
            Ok(palette.lines().await?.first().filter(|line| *line == "Jobs").map(drop))
        })
        .await?;
    palette.press(&enter).await?;
    browser.until("the jobs are shown", || async { Ok((palette.path().await? == "/jobs").then_some(())) }).await?;

    // A WorkSpace, past pages and actions by the arrow.
    palette.open().await?;
    palette.search(&someone.user_name).await?;
    let at = browser
        .until("the WorkSpace is found", || async {
            Ok(palette.lines().await?.iter().position(|line| *line == someone.user_name))
        })
        .await?;
    palette.press(&char::from(Key::Down).to_string().repeat(at)).await?;
    palette.press(&enter).await?;
    browser.find("detail-state").await?;
    assert_eq!(palette.path().await?, format!("/workspaces/{}", someone.id));

    // An action, and nothing at all.
    palette.open().await?;
    palette.search("no such thing").await?;
    browser.find_css(".palette-none:not(:empty)").await?;
    assert!(palette.lines().await?.is_empty());
    palette.search("change the theme").await?;
    browser.until("it is found", || async { Ok((palette.lines().await?.len() == 1).then_some(())) }).await?;
    palette.press(&enter).await?;
    browser.find_css("html[data-theme='light']").await?;

    // A form that has an address: a reload opens it again, and once it is closed the address is without it.
    palette.open().await?;
    palette.search("new report").await?;
    browser.until("it is found", || async { Ok((palette.lines().await? == ["New report"]).then_some(())) }).await?;
    palette.press(&enter).await?;
    browser.find("report-name").await?;
    browser.client().refresh().await?;
    browser.find("report-name").await?;
    palette.leaves("/reports", "report=new").await?;

    // What can be done with a WorkSpace, by its name and the person's: the preview, and nothing more.
    let available = format!("{}?state=AVAILABLE&limit=1", paths::WORKSPACES);
    let running = app.client().get(&available).await?.ok::<Page<WorkspaceView>>()?.items.remove(0);
    palette.open().await?;
    palette.search(&format!("restart {}", running.user_name)).await?;
    let line = format!("Reboot {}", running.user_name);
    let at = browser
        .until("it is found", || async { Ok(palette.lines().await?.iter().position(|one| *one == line)) })
        .await?;
    palette.press(&char::from(Key::Down).to_string().repeat(at)).await?;
    palette.press(&enter).await?;
    browser.find("preview-confirm").await?;
    shown_in_both(&browser, "palette-reboot").await?;
    palette.leaves(&format!("/workspaces/{}", running.id), "do=reboot").await?;

    // The keys; the same letter in a field is a letter.
    palette.press("?").await?;
    browser.find("keys").await?;
    shown_in_both(&browser, "keys").await?;
    palette.press(&escape).await?;
    browser.goto(&format!("{}/workspaces", app.url())).await?;
    browser.fill("ws-search", "who?").await?;
    assert_eq!(browser.count("[data-testid='keys']").await?, 0);
    browser.close().await?;
    app.stop().await
}
