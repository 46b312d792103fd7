//! Page objects: each knows how its page is found and used, none asserts.

use anyhow::{Result, ensure};
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
mod palette;
mod schedules;
mod session;
mod usage;
mod workspaces;

pub use access::{AdminPage, ProfilePage, StepUp};
pub use accounts::AccountsPage;
pub use assistant::AssistantPage;
pub use audit::AuditPage;
pub use desktop::DesktopPage;
pub use editors::Drawer;
pub use gate::{GatePage, ProviderPage};
pub use jobs::JobsPage;
pub use palette::Palette;
pub use schedules::{DataSetsPage, SchedulesPage};
pub use session::{SetupPage, SignInPage};
pub use usage::UsagePage;
pub use workspaces::{WorkspaceListPage, WorkspacePage};

/// Keeps a picture of what is shown, and asks whether it keeps anybody out.
pub async fn shown(browser: &Browser, picture: &str) -> Result<()> {
    browser.picture(picture).await?;
    let violations = accessibility::violations(browser).await?;
    ensure!(violations.is_empty(), "{picture} keeps people out: {violations:#?}");
    Ok(())
}
