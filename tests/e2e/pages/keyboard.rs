//! The keyboard: everything by Tab and keys, as somebody does who has no pointer. What Tab does not come to, and what does not show
//! that it has the focus, is a failure.

use anyhow::{Result, bail, ensure};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, from_value, json};
use testkit::browser::Browser;

/// More stops than any page has before what a task needs.
const MOST_STOPS: usize = 200;

/// Whether what has the focus looks so: an outline or a shadow of its own, or of what is drawn in its place.
const SHOWS: &str = "
    const at = document.activeElement;
    const marked = element => {
        const style = element && getComputedStyle(element);
        return style && ((style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none');
    };
    return at.matches(':focus-visible') && (marked(at) || marked(at.parentElement) || marked(at.nextElementSibling));";

/// The keyboard.
pub struct Keyboard<'a>(pub &'a Browser);

impl Keyboard<'_> {
    /// Presses keys, one after another, wherever the focus is.
    pub async fn press(&self, keys: &str) -> Result<()> {
        let pressed = |keys: KeyActions, value| keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        let keys = keys.chars().fold(KeyActions::new("keyboard".to_owned()), pressed);
        Ok(self.0.client().perform_actions(keys).await?)
    }

    /// Presses one key that is no character.
    pub async fn key(&self, key: Key) -> Result<()> {
        self.press(&char::from(key).to_string()).await
    }

    /// Whether the focus is on what this selector names.
    pub async fn at(&self, css: &str) -> Result<bool> {
        Ok(from_value(self.ask("return document.activeElement.matches(arguments[0]);", css).await?)?)
    }

    /// Waits for it, goes there by Tab, and sees that it has the focus.
    pub async fn reach(&self, css: &str) -> Result<()> {
        self.0.find_css(css).await?;
        for _ in 0..MOST_STOPS {
            if self.at(css).await? {
                let shows: bool = from_value(self.ask(SHOWS, css).await?)?;
                ensure!(shows, "{css} has the focus and does not show it");
                return Ok(());
            }
            self.key(Key::Tab).await?;
        }
        bail!("Tab does not lead to {css} on {}", self.0.client().current_url().await?)
    }

    /// Goes to a link or a button, by its test id, and chooses it.
    pub async fn choose(&self, test_id: &str) -> Result<()> {
        self.reach(&by_id(test_id)).await?;
        self.key(Key::Enter).await
    }

    /// Goes to a field, by its test id, and types in place of what is there.
    pub async fn fill(&self, test_id: &str, text: &str) -> Result<()> {
        self.reach(&by_id(test_id)).await?;
        self.with_control('a').await?;
        self.press(text).await
    }

    /// Presses a key while Ctrl is held.
    pub async fn with_control(&self, value: char) -> Result<()> {
        let control = char::from(Key::Control);
        let chord = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: control })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: control });
        Ok(self.0.client().perform_actions(chord).await?)
    }

    async fn ask(&self, script: &str, css: &str) -> Result<Value> {
        Ok(self.0.client().execute(script, vec![json!(css)]).await?)
    }
}

/// The selector of a test id.
fn by_id(test_id: &str) -> String {
    format!("[data-testid='{test_id}']")
}
