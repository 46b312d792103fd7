//! The audit: AWS's events, our own log, and both in one list.

use anyhow::Result;
use fantoccini::Locator;
use testkit::browser::Browser;

/// The audit.
pub struct AuditPage<'a>(pub &'a Browser);

impl AuditPage<'_> {
    /// Goes to AWS's events by the navigation.
    pub async fn open(&self) -> Result<()> {
        self.0.click("nav-audit").await?;
        self.0.find_css("[data-tab='aws'][aria-current='page']").await.map(drop)
    }

    /// Goes to our own log by the navigation and the tab.
    pub async fn open_log(&self) -> Result<()> {
        self.open().await?;
        self.0.find_css("[data-tab='log']").await?.click().await?;
        self.0.find_css("[data-tab='log'][aria-current='page']").await.map(drop)
    }

    /// Goes to everything that happened by the navigation and the tab.
    pub async fn open_all(&self) -> Result<()> {
        self.open().await?;
        self.0.find_css("[data-tab='all']").await?.click().await?;
        self.0.find_css("[data-tab='all'][aria-current='page']").await.map(drop)
    }

    /// Which record tells it, row by row of everything.
    pub async fn sources(&self) -> Result<Vec<String>> {
        self.column("[data-testid='all-row']", "data-source").await
    }

    /// What was done here, row by row, as the log names it.
    pub async fn actions(&self) -> Result<Vec<String>> {
        self.column("[data-testid='audit-row']", "data-action").await
    }

    /// What was called in AWS, row by row.
    pub async fn calls(&self) -> Result<Vec<String>> {
        self.column("[data-testid='trail-row']", "data-name").await
    }

    /// Chooses a value of a facet, or takes it back.
    pub async fn choose(&self, facet: &str, value: &str) -> Result<()> {
        self.0.click(&format!("facet-{facet}")).await?;
        self.0.find_css(&format!("[data-testid='facet-option-{value}'] input")).await?.click().await?;
        self.0.click(&format!("facet-{facet}")).await
    }

    async fn column(&self, rows: &str, attribute: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for row in self.0.client().find_all(Locator::Css(rows)).await? {
            found.extend(row.attr(attribute).await?);
        }
        Ok(found)
    }
}
