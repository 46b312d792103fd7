//! Jobs.

use anyhow::Result;
use fantoccini::Locator;
use testkit::browser::Browser;

/// The jobs page.
pub struct JobsPage<'a>(pub &'a Browser);

impl JobsPage<'_> {
    /// Goes there by the navigation.
    pub async fn open(&self) -> Result<()> {
        self.0.click("nav-jobs").await?;
        self.0.find("job-row").await.map(drop)
    }

    /// The states of the jobs on screen, as the page writes them, lower case.
    pub async fn states(&self) -> Result<Vec<String>> {
        let mut states = Vec::new();
        for element in
            self.0.client().find_all(Locator::Css("[data-testid='job-row'] [data-testid='job-state']")).await?
        {
            states.push(element.text().await?.to_lowercase());
        }
        Ok(states)
    }
}
