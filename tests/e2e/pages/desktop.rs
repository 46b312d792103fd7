//! My desktop.

use anyhow::Result;
use testkit::browser::Browser;

/// My desktop.
pub struct DesktopPage<'a>(pub &'a Browser);

impl DesktopPage<'_> {
    /// What stands on the badge of the desktop.
    pub async fn state(&self) -> Result<String> {
        self.0.text("my-desktop-state").await
    }

    /// Presses a button of the desktop and confirms what it would do.
    pub async fn act(&self, button: &str) -> Result<()> {
        self.0.click(button).await?;
        self.0.click("preview-confirm").await
    }

    /// Asks for something of a kind, with a note.
    pub async fn ask(&self, kind: &str, note: &str) -> Result<()> {
        self.0.click("ask").await?;
        self.0.find("ask-kind").await?.select_by_value(kind).await?;
        self.0.fill("ask-note", note).await?;
        self.0.click("ask-send").await
    }

    /// How many requests stand so.
    pub async fn requests(&self, status: &str) -> Result<usize> {
        self.0.count(&format!("[data-testid='request-row'][data-status='{status}']")).await
    }
}
