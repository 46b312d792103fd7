//! Schedules and data sets.

use anyhow::{Context as _, Result};
use fantoccini::Locator;
use fantoccini::elements::Element;
use testkit::browser::Browser;

/// The page of the schedules.
pub struct SchedulesPage<'a>(pub &'a Browser);

impl SchedulesPage<'_> {
    /// Goes there by the tabs of the jobs page.
    pub async fn open(&self) -> Result<()> {
        self.0.click("nav-jobs").await?;
        self.0.find_css("[data-tab='schedules']").await?.click().await?;
        self.0.find("schedule-row").await.map(drop)
    }

    /// Presses a button in a schedule's row, which may not be under what was just said in the corner.
    pub async fn press(&self, name: &str, button: &str) -> Result<()> {
        let row = self.row(name).await?;
        let to_the_middle = "arguments[0].scrollIntoView({ block: 'center' });";
        self.0.client().execute(to_the_middle, vec![serde_json::to_value(&row)?]).await?;
        Ok(row.find(Locator::Css(&format!("[data-testid='schedule-{button}']"))).await?.click().await?)
    }

    /// A schedule's row as one reads it.
    pub async fn text(&self, name: &str) -> Result<String> {
        Ok(self.row(name).await?.text().await?)
    }

    async fn row(&self, name: &str) -> Result<Element> {
        self.0.find_css(&format!("[data-testid='schedule-row'][data-name='{name}']")).await
    }

    /// Types another period into the dialog that is open.
    pub async fn period(&self, amount: &str, unit: &str) -> Result<()> {
        self.0.fill("schedule-amount", amount).await?;
        Ok(self.0.find("schedule-unit").await?.select_by_value(unit).await?)
    }

    /// What the dialog says is wrong with it.
    pub async fn error(&self) -> Result<String> {
        Ok(self.0.find_css("#period-amount-error").await?.text().await?)
    }
}

/// The page of the data sets.
pub struct DataSetsPage<'a>(pub &'a Browser);

impl DataSetsPage<'_> {
    /// Goes there by the tabs of the jobs page.
    pub async fn open(&self) -> Result<()> {
        self.0.find_css("[data-tab='data-sets']").await?.click().await?;
        self.0.find("data-set-row").await.map(drop)
    }

    /// The rows as one reads them.
    pub async fn rows(&self) -> Result<Vec<String>> {
        let mut rows = Vec::new();
        for row in self.0.client().find_all(Locator::Css("[data-testid='data-set-row']")).await? {
            rows.push(row.text().await.context("a row went away")?);
        }
        Ok(rows)
    }
}
