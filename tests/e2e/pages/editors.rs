//! Drawers in which objects of the administration are made and changed.

use anyhow::Result;
use fantoccini::Locator;
use testkit::browser::Browser;

/// The drawer of a role or a team.
pub struct Drawer<'a>(pub &'a Browser);

impl Drawer<'_> {
    /// Opens it for a new one.
    pub async fn begin(&self) -> Result<()> {
        self.0.click("object-add").await
    }

    /// Opens it for one that is in the list.
    pub async fn change(&self, name: &str) -> Result<()> {
        self.press(name, "object-edit").await
    }

    /// A row may be drawn anew while one reaches for its button.
    async fn press(&self, name: &str, button: &str) -> Result<()> {
        let css = format!("[data-name='{name}'] [data-testid='{button}']");
        let press = || async {
            self.0.client().find(Locator::Css(&css)).await?.click().await?;
            Ok(Some(()))
        };
        self.0.until("the button is pressed", press).await
    }

    /// Chooses or takes away what the check box with these words says.
    pub async fn tick(&self, words: &str) -> Result<()> {
        let boxes = format!("//dialog[@open]//label[contains(., '{words}')]//input");
        let found = self.0.client().wait().for_element(Locator::XPath(&boxes)).await?;
        Ok(found.click().await?)
    }

    /// Saves it and waits until it is in the list.
    pub async fn save(&self, button: &str, name: &str) -> Result<()> {
        self.0.click(button).await?;
        self.closed().await?;
        self.0.find_css(&format!("[data-name='{name}']")).await.map(drop)
    }

    /// Deletes one of the list.
    pub async fn delete(&self, name: &str) -> Result<()> {
        self.press(name, "object-delete").await?;
        self.0.click("confirm-do").await?;
        self.closed().await?;
        let row = format!("[data-name='{name}']");
        self.0.until("it is gone", || async { Ok((self.0.count(&row).await? == 0).then_some(())) }).await
    }

    async fn closed(&self) -> Result<()> {
        self.0.until("it is closed", || async { Ok((self.0.count("dialog[open]").await? == 0).then_some(())) }).await
    }
}
