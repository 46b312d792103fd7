//! Jobs: the list, and one of them.

use anyhow::{Context as _, Result};
use domain::ids::JobId;
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

    /// Opens the newest of that kind, as the list calls it.
    pub async fn open_newest(&self, kind: &str) -> Result<()> {
        self.0.client().find(Locator::LinkText(kind)).await?.click().await?;
        self.0.find_css("[aria-label='Where it stands']").await.map(drop)
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

/// One job that acts on WorkSpaces.
pub struct JobPage<'a>(pub &'a Browser);

impl JobPage<'_> {
    /// Goes there by the link of the message that says what was begun; which job it is.
    pub async fn follow(&self) -> Result<JobId> {
        self.0.find_css("[data-testid='toast'] a").await?.click().await?;
        self.0.find_css("[aria-label='Where it stands']").await?;
        let address = self.0.client().current_url().await?;
        let id = address.path().strip_prefix("/jobs/").and_then(|id| id.parse().ok());
        id.with_context(|| format!("{address} is not a job's"))
    }

    /// The heading of the items, lower case, how many of them are done, and how many there are, as the page says it.
    pub async fn items(&self) -> Result<(String, usize, usize)> {
        let head = self.0.find_css("[data-testid='job-items'] .card-head").await?;
        let heading = head.find(Locator::Css("h2")).await?.text().await?.to_lowercase();
        let said = head.find(Locator::Css("span")).await?.text().await?;
        let numbers = said.strip_suffix(" done").and_then(|said| said.split_once(" of "));
        let (done, all) = numbers.with_context(|| format!("no numbers in {said:?}"))?;
        Ok((heading, done.parse()?, all.parse()?))
    }

    /// Shows only the items of one outcome.
    pub async fn only(&self, outcome: &str) -> Result<()> {
        self.0.find_css(&format!("[data-testid='job-items'] [data-tab='{outcome}']")).await?.click().await?;
        Ok(())
    }

    /// How many rows of items are done, and what is said of each that failed.
    pub async fn outcomes(&self) -> Result<(usize, Vec<String>)> {
        let mut failed = Vec::new();
        let rows = Locator::Css("[data-testid='job-items'] tbody tr:has(.outcome-bad) td[data-label='More']");
        for cell in self.0.client().find_all(rows).await? {
            failed.push(cell.text().await?);
        }
        Ok((self.0.count("[data-testid='job-items'] tbody .outcome-good").await?, failed))
    }
}
