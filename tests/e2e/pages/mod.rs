//! Page objects: each knows how its page is found and used, none asserts.

use anyhow::{Result, ensure};
use serde_json::from_value;
use testkit::accessibility;
use testkit::browser::Browser;

mod access;
mod accounts;
mod assistant;
mod audit;
mod desktop;
mod editors;
mod gate;
mod jobs;
mod keyboard;
mod overview;
mod palette;
mod requests;
mod schedules;
mod session;
mod usage;
mod views;
mod workspaces;

pub use access::{AdminPage, ProfilePage, StepUp};
pub use accounts::AccountsPage;
pub use assistant::AssistantPage;
pub use audit::AuditPage;
pub use desktop::DesktopPage;
pub use editors::{Drawer, Question};
pub use gate::{GatePage, ProviderPage};
pub use jobs::{JobPage, JobsPage};
pub use keyboard::Keyboard;
pub use overview::OverviewPage;
pub use palette::Palette;
pub use requests::RequestsPage;
pub use schedules::{DataSetsPage, SchedulesPage};
pub use session::{SetupPage, SignInPage, signed_in};
pub use usage::UsagePage;
pub use views::ViewsMenu;
pub use workspaces::{WorkspaceListPage, WorkspacePage};

/// Keeps a picture of what is shown, and asks whether it keeps anybody out.
pub async fn shown(browser: &Browser, picture: &str) -> Result<()> {
    browser.picture(picture).await?;
    let violations = accessibility::violations(browser).await?;
    ensure!(violations.is_empty(), "{picture} keeps people out: {violations:#?}");
    Ok(())
}

/// Puts on that theme and waits until every colour has changed; gives the one before, which is null where the system's is worn.
const WEAR: &str = "
    const [theme, done] = arguments;
    const worn = document.documentElement.dataset;
    const before = worn.theme ?? null;
    if (theme === null) delete worn.theme; else worn.theme = theme;
    const ends = (one) => Number.isFinite(one.effect?.getComputedTiming().endTime);
    requestAnimationFrame(() => requestAnimationFrame(() => {
        const moving = document.getAnimations().filter(ends).map((one) => one.finished);
        Promise.allSettled(moving).then(() => done(before));
    }));
";

/// As [`shown`], in the light and in the dark: for what the matrix doesn't come to.
pub async fn shown_in_both(browser: &Browser, picture: &str) -> Result<()> {
    let before = browser.client().execute_async(WEAR, vec!["light".into()]).await?;
    shown(browser, picture).await?;
    browser.client().execute_async(WEAR, vec!["dark".into()]).await?;
    shown(browser, &format!("{picture}-dark")).await?;
    browser.client().execute_async(WEAR, vec![before]).await?;
    Ok(())
}

/// Fails where the page is wider than its window, so that one has to push it from side to side.
pub async fn fits(browser: &Browser) -> Result<()> {
    let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
    let wide: i64 = from_value(browser.client().execute(script, Vec::new()).await?)?;
    let address = browser.client().current_url().await?;
    ensure!(wide <= 0, "{address} is {wide} px wider than the window");
    Ok(())
}

/// Fails where a table is wider than the card that it lies in, so that its last columns are cut off.
pub async fn whole(browser: &Browser, table: &str) -> Result<()> {
    let script = "
        const table = document.querySelector(`[data-testid='${arguments[0]}']`);
        return table.scrollWidth - table.closest('.card').clientWidth;
    ";
    let wide: i64 = from_value(browser.client().execute(script, vec![table.into()]).await?)?;
    ensure!(wide <= 0, "{table} is {wide} px wider than its card");
    Ok(())
}

/// Waits for a short message with these words: one of before may still be there.
pub async fn told(browser: &Browser, words: &str) -> Result<()> {
    let seen = || async { Ok(browser.text("toast").await?.contains(words).then_some(())) };
    browser.until(words, seen).await
}
