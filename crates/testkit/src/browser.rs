//! A real browser: Chromium through its driver, one per test, with a fresh profile.
//!
//! Needs `WHEELHOUSE_TEST_CHROMEDRIVER` and `WHEELHOUSE_TEST_CHROMIUM`, which `cargo xtask test` sets. Page objects live
//! beside the tests; here is only what every page needs: find by test id, wait, take a picture.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

use crate::browser_log::{TakeLog, complaints};
use crate::process::{Child, free_port};

/// How long an element may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a condition may take to come true.
const COMES_TRUE_WITHIN: Duration = Duration::from_secs(90);
/// How long the text of an element that is there may take to be seen.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

/// A browser window.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    _driver: Child,
    profile: tempfile::TempDir,
    /// The name of the picture of a failure.
    failure: String,
}

impl Browser {
    /// Opens a window of the given size, in light or dark.
    ///
    /// # Errors
    /// Chromium or its driver is missing or does not start.
    pub async fn open(width: u32, height: u32, dark: bool) -> Result<Self> {
        let driver = std::env::var("WHEELHOUSE_TEST_CHROMEDRIVER")
            .context("WHEELHOUSE_TEST_CHROMEDRIVER is not set; use cargo xtask e2e")?;
        let chromium = std::env::var("WHEELHOUSE_TEST_CHROMIUM")
            .context("WHEELHOUSE_TEST_CHROMIUM is not set; use cargo xtask e2e")?;
        let profile = tempfile::tempdir()?;
        let port = free_port()?;
        let driver = Child::spawn(
            tokio::process::Command::new(driver).arg(format!("--port={port}")).arg("--log-level=WARNING"),
        )?;
        let mut args = vec![
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            // Pages of the browser's own, for an address bar that nobody sees: half of what its start costs.
            "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        if dark {
            args.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "binary": chromium, "args": args }));
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let url = format!("http://127.0.0.1:{port}");
        let client = {
            let mut tries = 0;
            loop {
                match ClientBuilder::rustls()?.capabilities(capabilities.clone()).connect(&url).await {
                    Ok(client) => break client,
                    Err(error) if tries == 40 => return Err(error).context("chromedriver did not answer"),
                    Err(_) => tries += 1,
                }
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        };
        client.set_window_size(width, height).await?;
        // A picture of a failure is always of this run, and no test removes another's.
        let failure = failure_name(std::thread::current().name());
        std::fs::remove_file(picture_path(&failure)).ok();
        Ok(Self { client, _driver: driver, profile, failure })
    }

    /// The driver's client, for what is not here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The folder where it keeps what it knows.
    pub(crate) fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// The page can't be reached.
    pub async fn goto(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// The element with this `data-testid`, waited for.
    ///
    /// # Errors
    /// It does not appear; the error names it and the address.
    pub async fn find(&self, test_id: &str) -> Result<Element> {
        self.find_css(&format!("[data-testid='{test_id}']")).await
    }

    /// The first element of this CSS selector, waited for.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn find_css(&self, css: &str) -> Result<Element> {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => Ok(element),
            Err(error) => {
                let at = self.client.current_url().await.map(|u| u.to_string()).unwrap_or_default();
                self.picture(&self.failure).await.ok();
                Err(error).with_context(|| format!("{css} did not appear on {at}"))
            }
        }
    }

    /// Clicks the element with this `data-testid`.
    ///
    /// # Errors
    /// It does not appear or can't be clicked.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        let element = self.find(test_id).await?;
        element.click().await.with_context(|| format!("click {test_id}"))
    }

    /// Types into the field with this `data-testid`, after clearing it.
    ///
    /// # Errors
    /// It does not appear or takes no text.
    pub async fn fill(&self, test_id: &str, text: &str) -> Result<()> {
        let element = self.find(test_id).await?;
        element.clear().await?;
        element.send_keys(text).await.with_context(|| format!("type into {test_id}"))
    }

    /// The text of the element with this `data-testid`, waited for: what is in a dialog that is just being opened is there
    /// before it is seen, and what is not seen has no text. Empty when it stays so. What is drawn again meanwhile is looked for again.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn text(&self, test_id: &str) -> Result<String> {
        let give_up = tokio::time::Instant::now() + SEEN_WITHIN;
        loop {
            let text = self.find(test_id).await?.text().await;
            let seen = text.as_ref().is_ok_and(|text| !text.is_empty());
            if seen || tokio::time::Instant::now() >= give_up {
                return Ok(text?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many elements this CSS selector matches now.
    ///
    /// # Errors
    /// The window is gone.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// Waits until `condition`, asked again and again, gives a value.
    ///
    /// # Errors
    /// It gives none within [`COMES_TRUE_WITHIN`], or asking failed; a picture `failure-…` with the test's name is kept.
    pub async fn until<T, F>(&self, what: &str, mut condition: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let gives = async {
            loop {
                if let Ok(Some(value)) = condition().await {
                    return value;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        if let Ok(value) = tokio::time::timeout(COMES_TRUE_WITHIN, gives).await {
            return Ok(value);
        }
        self.picture(&self.failure).await.ok();
        anyhow::bail!("waited in vain until {what}")
    }

    /// Keeps a picture of the window as an artefact.
    ///
    /// # Errors
    /// The window is gone or the folder can't be written.
    pub async fn picture(&self, name: &str) -> Result<PathBuf> {
        let path = picture_path(name);
        std::fs::create_dir_all(path.parent().context("pictures lie in a folder")?)?;
        // Packed quickly rather than well: hundreds are taken, and few are looked at.
        let taken =
            self.devtools("Page.captureScreenshot", json!({ "format": "png", "optimizeForSpeed": true })).await?;
        let picture = BASE64_STANDARD.decode(taken["data"].as_str().context("no picture")?)?;
        std::fs::write(&path, picture)?;
        Ok(path)
    }

    /// What the browser complained about since it was last asked: violations of the content security policy with the
    /// directive and the address, scripts that failed.
    ///
    /// # Errors
    /// The driver does not answer.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        Ok(complaints(self.client.issue_cmd(TakeLog).await?)?)
    }

    /// Closes the window.
    ///
    /// # Errors
    /// The browser complained about one of our pages; the driver does not answer.
    pub async fn close(self) -> Result<()> {
        let complaints = self.complaints().await?;
        self.client.close().await?;
        anyhow::ensure!(complaints.is_empty(), "the browser complained:\n{}", complaints.join("\n"));
        Ok(())
    }
}

/// Where a picture is kept.
fn picture_path(name: &str) -> PathBuf {
    artefacts().join("screenshots").join(format!("{name}.png"))
}

/// The picture of a failure in the test that runs on a thread of this name.
fn failure_name(thread: Option<&str>) -> String {
    let plain = thread.unwrap_or("test").replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "-");
    format!("failure-{plain}")
}

/// Where tests leave pictures and logs: `WHEELHOUSE_TEST_ARTEFACTS` or `artefacts` in the temporary folder.
#[must_use]
pub fn artefacts() -> PathBuf {
    std::env::var_os("WHEELHOUSE_TEST_ARTEFACTS")
        .map_or_else(|| std::env::temp_dir().join("wheelhouse-artefacts"), PathBuf::from)
}
