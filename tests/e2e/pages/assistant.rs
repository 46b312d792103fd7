//! The assistant.

use anyhow::Result;
use fantoccini::Locator;
use testkit::browser::Browser;

/// The assistant's page.
pub struct AssistantPage<'a>(pub &'a Browser);

impl AssistantPage<'_> {
    /// Asks, without waiting for the answer.
    pub async fn ask(&self, question: &str) -> Result<()> {
        self.0.fill("question", question).await?;
        self.0.click("ask").await
    }

    /// The newest answer once it is whole and seen, when there are so many.
    pub async fn answer(&self, turns: usize) -> Result<String> {
        let css = format!("[data-testid='turn']:nth-child({turns})[data-state='answered'] [data-testid='answer']");
        self.0
            .until("the answer is seen", || async {
                Ok(Some(self.0.find_css(&css).await?.text().await?).filter(|text| !text.is_empty()))
            })
            .await
    }

    /// The sources of the newest turn: what they say and where they lead.
    pub async fn sources(&self) -> Result<Vec<(String, String)>> {
        let mut sources = Vec::new();
        let css = "[data-testid='turn']:last-child [data-testid='source']";
        for source in self.0.client().find_all(Locator::Css(css)).await? {
            sources.push((source.text().await?, source.attr("href").await?.unwrap_or_default()));
        }
        Ok(sources)
    }

    /// Presses a button of the newest turn.
    pub async fn press(&self, button: &str) -> Result<()> {
        let css = format!("[data-testid='turn']:last-child [data-testid='{button}']");
        Ok(self.0.find_css(&css).await?.click().await?)
    }

    /// Presses a button of a conversation in the list.
    pub async fn press_in_list(&self, title: &str, button: &str) -> Result<()> {
        let css = format!("[data-testid='conversation'][data-name='{title}'] [data-testid='conversation-{button}']");
        Ok(self.0.find_css(&css).await?.click().await?)
    }

    /// The titles of the list.
    pub async fn titles(&self) -> Result<Vec<String>> {
        let mut titles = Vec::new();
        for row in self.0.client().find_all(Locator::Css("[data-testid='conversation']")).await? {
            titles.extend(row.attr("data-name").await?);
        }
        Ok(titles)
    }
}
