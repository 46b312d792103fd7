//! What people ask for, as those see it who run the fleet.

use anyhow::Result;
use testkit::browser::Browser;

/// The page of requests.
pub struct RequestsPage<'a>(pub &'a Browser);

impl RequestsPage<'_> {
    /// Goes there by the navigation.
    pub async fn open(&self) -> Result<()> {
        self.0.click("nav-requests").await?;
        self.0.find_css("[data-testid='request-row']").await.map(drop)
    }

    /// Narrows the list by a select.
    pub async fn choose(&self, filter: &str, value: &str) -> Result<()> {
        self.0.find(&format!("requests-{filter}")).await?.select_by_value(value).await?;
        Ok(())
    }

    /// How many rows there are.
    pub async fn rows(&self) -> Result<usize> {
        self.0.count("[data-testid='request-row']").await
    }
}
