//! WorkSpaces: list and detail.

use anyhow::{Context as _, Result};
use fantoccini::Locator;
use testkit::browser::Browser;

/// The list.
pub struct WorkspaceListPage<'a>(pub &'a Browser);

impl WorkspaceListPage<'_> {
    /// Goes there by the navigation.
    pub async fn open(&self) -> Result<()> {
        self.0.click("nav-workspaces").await?;
        self.0.find("ws-search").await.map(drop)
    }

    /// The number of WorkSpaces that match, as the page says it.
    pub async fn total(&self) -> Result<u64> {
        let text = self.0.text("ws-total").await?;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().with_context(|| format!("no number in {text:?}"))
    }

    /// Which rows are in sight, as the page says it: `1–12 of 90`.
    pub async fn place(&self) -> Result<String> {
        self.0.text("ws-place").await
    }

    /// How many rows are chosen, in sight or not.
    pub async fn chosen(&self) -> Result<u64> {
        let text = self.0.text("bulk-count").await?;
        text.replace(',', "").parse().with_context(|| format!("no number in {text:?}"))
    }

    /// Chooses all that match, which are so many, in sight or not.
    pub async fn choose_all(&self, count: u64) -> Result<()> {
        self.0.until("all are counted", || async { Ok((self.total().await? == count).then_some(())) }).await?;
        self.0.click("ws-select-page").await?;
        self.0.click("bulk-all").await?;
        self.0.until("all are chosen", || async { Ok((self.chosen().await? == count).then_some(())) }).await
    }

    /// The states of the rows on screen.
    pub async fn row_states(&self) -> Result<Vec<String>> {
        let mut states = Vec::new();
        for row in self.0.client().find_all(Locator::Css("[data-testid='ws-row']")).await? {
            states.push(row.attr("data-state").await?.unwrap_or_default());
        }
        Ok(states)
    }

    /// Chooses a state in the facet menu and closes it.
    pub async fn filter_state(&self, state: &str) -> Result<()> {
        self.0.click("facet-state").await?;
        self.0.click(&format!("facet-option-{state}")).await?;
        self.0.client().find(Locator::Css("body")).await?.send_keys("\u{e00c}").await?;
        Ok(())
    }

    /// Types into the search field.
    pub async fn search(&self, text: &str) -> Result<()> {
        self.0.fill("ws-search", text).await
    }

    /// Opens the first row; gives its id.
    pub async fn open_first(&self) -> Result<String> {
        let row = self.0.find("ws-row").await?;
        let id = row.attr("data-id").await?.context("a row has no data-id")?;
        row.find(Locator::Css("a")).await?.click().await?;
        self.0.find("detail-state").await?;
        Ok(id)
    }
}

/// One WorkSpace.
pub struct WorkspacePage<'a>(pub &'a Browser);

impl WorkspacePage<'_> {
    /// The state on screen, lower case.
    pub async fn state(&self) -> Result<String> {
        Ok(self.0.text("detail-state").await?.to_lowercase())
    }

    /// Asks for an action and confirms the preview.
    pub async fn act(&self, action: &str) -> Result<()> {
        self.0.click(&format!("action-{action}")).await?;
        self.0.find("preview-dialog").await?;
        self.0.click("preview-confirm").await
    }

    /// Opens a tab by its link.
    pub async fn tab(&self, key: &str) -> Result<()> {
        self.0.find_css(&format!("[data-tab='{key}']")).await?.click().await?;
        self.0.find_css(&format!("[data-tab='{key}'][aria-current='page']")).await.map(drop)
    }

    /// How many things that happened are on screen, of those that a selector narrows them to.
    pub async fn events(&self, narrowed: &str) -> Result<usize> {
        self.0.count(&format!("[data-testid='event']{narrowed}")).await
    }

    /// The states in the list of what happened, newest first.
    pub async fn states(&self) -> Result<Vec<String>> {
        let mut states = Vec::new();
        for badge in self.0.client().find_all(Locator::Css("[data-testid='event'] [data-state]")).await? {
            states.push(badge.attr("data-state").await?.unwrap_or_default());
        }
        Ok(states)
    }
}
