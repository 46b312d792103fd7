//! Drawers in which objects of the administration are made and changed, and the question before something ends.

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
        closed(self.0).await?;
        self.0.find_css(&format!("[data-name='{name}']")).await.map(drop)
    }

    /// Presses the button that deletes one of the list, and waits for the question.
    pub async fn ask_to_delete(&self, name: &str) -> Result<()> {
        self.press(name, "object-delete").await?;
        Question(self.0).asked().await
    }

    /// Answers that question with yes, and waits until the one of that name is gone.
    pub async fn deleted(&self, name: &str) -> Result<()> {
        Question(self.0).yes().await?;
        let row = format!("[data-name='{name}']");
        self.0.until("it is gone", || async { Ok((self.0.count(&row).await? == 0).then_some(())) }).await
    }
}

/// The question before something that ends, or that can't be taken back.
pub struct Question<'a>(pub &'a Browser);

impl Question<'_> {
    /// Presses what asks it.
    pub async fn begin(&self, button: &str) -> Result<()> {
        self.0.click(button).await?;
        self.asked().await
    }

    /// Answers it with yes, and waits until it is gone.
    pub async fn yes(&self) -> Result<()> {
        self.0.click("confirm-do").await?;
        closed(self.0).await
    }

    async fn asked(&self) -> Result<()> {
        self.0.find_css("dialog[open] [data-testid='confirm-do']").await.map(drop)
    }
}

/// Waits until no dialog is open.
async fn closed(browser: &Browser) -> Result<()> {
    browser.until("it is closed", || async { Ok((browser.count("dialog[open]").await? == 0).then_some(())) }).await
}
