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
pub use editors::Drawer;
pub use gate::{GatePage, ProviderPage};
pub use jobs::{JobPage, JobsPage};
pub use keyboard::Keyboard;
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

/// Fails where the page is wider than its window, so that one has to push it from side to side.
pub async fn fits(browser: &Browser) -> Result<()> {
    let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
    let wide: i64 = from_value(browser.client().execute(script, Vec::new()).await?)?;
    let address = browser.client().current_url().await?;
    ensure!(wide <= 0, "{address} is {wide} px wider than the window");
    Ok(())
}

/// Waits for a short message with these words: one of before may still be there.
pub async fn told(browser: &Browser, words: &str) -> Result<()> {
    let seen = || async { Ok(browser.text("toast").await?.contains(words).then_some(())) };
    browser.until(words, seen).await
}
