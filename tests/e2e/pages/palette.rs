//! The command palette and the list of keys.

use anyhow::Result;
use fantoccini::Locator;
use fantoccini::key::Key;
use testkit::browser::Browser;

/// The palette.
pub struct Palette<'a>(pub &'a Browser);

impl Palette<'_> {
    /// Opens it with its key.
    pub async fn open(&self) -> Result<()> {
        let chord = format!("{}k{}", char::from(Key::Control), char::from(Key::Null));
        self.press(&chord).await?;
        self.0.find("palette-field").await.map(drop)
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: &str) -> Result<()> {
        Ok(self.0.client().active_element().await?.send_keys(keys).await?)
    }

    /// Types what is looked for.
    pub async fn search(&self, text: &str) -> Result<()> {
        self.0.fill("palette-field", text).await
    }

    /// What the lines say.
    pub async fn lines(&self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for line in self.0.client().find_all(Locator::Css(".palette-line .palette-label")).await? {
            lines.push(line.text().await?);
        }
        Ok(lines)
    }

    /// Closes the dialog that an address opened, and waits until the address of the page under it is left alone.
    pub async fn leaves(&self, path: &str, query: &str) -> Result<()> {
        let address = || async { anyhow::Ok(self.0.client().current_url().await?) };
        let opened = || async {
            let address = address().await?;
            Ok((address.path() == path && address.query() == Some(query)).then_some(()))
        };
        self.0.until("the address opens it", opened).await?;
        self.0.find_css("dialog[open] [aria-label='Close']").await?.click().await?;
        let closed = || async {
            let address = address().await?;
            Ok((address.path() == path && address.query().is_none()).then_some(()))
        };
        self.0.until("the address is without it", closed).await
    }

    /// The path that is shown.
    pub async fn path(&self) -> Result<String> {
        Ok(self.0.client().current_url().await?.path().to_owned())
    }
}
