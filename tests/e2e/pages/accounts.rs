//! Accounts.

use anyhow::Result;
use testkit::browser::Browser;

/// The accounts page.
pub struct AccountsPage<'a>(pub &'a Browser);

impl AccountsPage<'_> {
    /// Goes there by the navigation.
    pub async fn open(&self) -> Result<()> {
        self.0.click("nav-accounts").await?;
        self.0.find("account-add").await.map(drop)
    }

    /// Opens the form that connects one.
    pub async fn begin(&self) -> Result<()> {
        self.0.click("account-add").await?;
        self.0.find("account-name").await.map(drop)
    }

    /// Closes the dialog that is open.
    pub async fn close(&self) -> Result<()> {
        self.0.find_css("dialog[open] [aria-label='Close']").await?.click().await?;
        let closed = || async { Ok((self.0.count("dialog[open]").await? == 0).then_some(())) };
        self.0.until("the dialog is closed", closed).await
    }

    /// Connects an account of the simulated AWS.
    pub async fn connect_simulated(&self, name: &str, regions: &[&str], endpoint: &str) -> Result<()> {
        self.begin().await?;
        self.0.fill("account-name", name).await?;
        let field = self.0.find("account-regions").await?;
        for region in regions {
            field.send_keys(&format!("{region},")).await?;
        }
        self.0.find("account-credentials").await?.select_by_value("simulated").await?;
        self.0.fill("account-endpoint", endpoint).await?;
        self.0.click("account-save").await?;
        self.0.find("account-sync").await.map(drop)
    }

    /// Tests the connection of the first one, and waits for what comes of it.
    pub async fn test(&self) -> Result<()> {
        self.0.click("account-test").await?;
        self.0.find("account-test-result").await.map(drop)
    }

    /// Starts a sync.
    pub async fn sync(&self) -> Result<()> {
        self.0.click("account-sync").await
    }
}
