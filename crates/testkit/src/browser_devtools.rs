//! What a page can't do by itself and WebDriver has no word for, asked of the browser's developer tools: a session that is
//! there already, no network. Not for what a person could do: that goes through the page.

use anyhow::{Context as _, Result};
use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::browser::Browser;
use crate::client::SESSION_COOKIE;

/// A command of the developer tools.
#[derive(Debug)]
struct Ask {
    command: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for Ask {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.command, "params": self.params }).to_string()))
    }
}

impl Browser {
    /// Asks the developer tools for something.
    ///
    /// # Errors
    /// They don't know it or refuse it.
    pub async fn devtools(&self, command: &'static str, params: Value) -> Result<Value> {
        self.client().issue_cmd(Ask { command, params }).await.context(command)
    }

    /// From the next page on, this browser is signed in at `url` by that session, as if it had been so before. For tests that
    /// are not about signing in, of which there may be only so many a minute.
    ///
    /// # Errors
    /// The browser refuses the cookie.
    pub async fn hold_session(&self, url: &str, token: &str) -> Result<()> {
        let cookie = json!({
            "name": SESSION_COOKIE, "value": token, "url": url, "path": "/", "secure": true, "httpOnly": true,
        });
        let answer = self.devtools("Network.setCookie", cookie).await?;
        anyhow::ensure!(answer["success"] == true, "the cookie was refused: {answer}");
        Ok(())
    }

    /// Takes the network away, or gives it back; the page is told, as when a cable is pulled.
    ///
    /// # Errors
    /// The driver does not answer.
    pub async fn offline(&self, offline: bool) -> Result<()> {
        let none = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", none).await.map(drop)
    }

    /// The port where other programs reach this browser's developer tools, on loopback.
    ///
    /// # Errors
    /// The browser has not said it.
    pub fn devtools_port(&self) -> Result<u16> {
        let file = self.profile().join("DevToolsActivePort");
        let text = std::fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        text.lines().next().unwrap_or_default().parse().context("no port")
    }
}
