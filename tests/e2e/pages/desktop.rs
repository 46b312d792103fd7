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

    /// Presses a button of the desktop; what the question says that it would do.
    pub async fn look(&self, button: &str) -> Result<String> {
        self.0.click(button).await?;
        self.0.find("preview-confirm").await?;
        self.0.text("preview-dialog").await
    }

    /// Closes that question without an answer.
    pub async fn leave(&self) -> Result<()> {
        self.0.find_css("dialog[open] [aria-label='Close']").await?.click().await?;
        let closed = || async { Ok((self.0.count("dialog[open]").await? == 0).then_some(())) };
        self.0.until("the question is closed", closed).await
    }

    /// Why a button does nothing now, as it stands beside it.
    pub async fn reason(&self, button: &str) -> Result<String> {
        let beside = format!(".my-action:has([data-testid='{button}'][aria-disabled='true']) .my-reason");
        Ok(self.0.find_css(&beside).await?.text().await?)
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
