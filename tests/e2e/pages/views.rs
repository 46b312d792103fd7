//! The menu of saved views, on whatever page it is.

use anyhow::Result;
use fantoccini::Locator;
use fantoccini::key::Key;
use testkit::browser::Browser;

/// The menu.
pub struct ViewsMenu<'a>(pub &'a Browser);

impl ViewsMenu<'_> {
    /// Opens it.
    pub async fn open(&self) -> Result<()> {
        self.0.click("views").await?;
        self.0.find("view-new").await.map(drop)
    }

    /// Opens it by a key on its button.
    pub async fn open_by_key(&self) -> Result<()> {
        self.0.find("views").await?.send_keys(&char::from(Key::Enter).to_string()).await?;
        let open = || async {
            let expanded = self.0.find("views").await?.attr("aria-expanded").await?;
            Ok((expanded.as_deref() == Some("true")).then_some(()))
        };
        self.0.until("the menu is open", open).await
    }

    /// Waits until the focus is on what has that test id.
    pub async fn focused(&self, test_id: &str) -> Result<()> {
        let there = || async {
            let at = self.0.client().active_element().await?.attr("data-testid").await?;
            Ok((at.as_deref() == Some(test_id)).then_some(()))
        };
        self.0.until(&format!("the focus is on {test_id}"), there).await
    }

    /// What the button says.
    pub async fn current(&self) -> Result<String> {
        self.0.text("views-current").await
    }

    /// Waits until the button says that.
    pub async fn until(&self, words: &str) -> Result<()> {
        self.0.until(words, || async { Ok((self.current().await? == words).then_some(())) }).await
    }

    /// Saves what is shown under a name.
    pub async fn save(&self, name: &str, shared: bool) -> Result<()> {
        self.open().await?;
        self.0.click("view-new").await?;
        self.0.fill("view-name", name).await?;
        if shared {
            self.0.click("view-shared").await?;
        }
        self.0.click("view-save").await?;
        self.closed().await
    }

    /// Waits until no dialog is open.
    pub async fn closed(&self) -> Result<()> {
        self.0
            .until("dialogs are closed", || async { Ok((self.0.count("dialog[open]").await? == 0).then_some(())) })
            .await
    }

    /// Removes the only view there is.
    pub async fn remove(&self) -> Result<()> {
        self.open().await?;
        self.0.click("view-delete").await?;
        self.0.click("confirm-do").await?;
        self.closed().await
    }

    /// The names in the open menu.
    pub async fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for row in self.0.client().find_all(Locator::Css("[data-testid='view-row'] .view-name")).await? {
            names.push(row.text().await?);
        }
        Ok(names)
    }

    /// Goes to the view of that name, by the open menu.
    pub async fn choose(&self, name: &str) -> Result<()> {
        for link in self.0.client().find_all(Locator::Css("[data-testid='view-link']")).await? {
            if link.text().await?.starts_with(name) {
                link.click().await?;
                return Ok(());
            }
        }
        anyhow::bail!("no view {name}")
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: &str) -> Result<()> {
        self.0.client().active_element().await?.send_keys(key).await?;
        Ok(())
    }
}
