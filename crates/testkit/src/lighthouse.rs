//! What lighthouse says of pages in a browser that is open and signed in (`tests/node/lighthouse.mjs`). Not what is demanded of
//! them: that is the tests', and how quick a page is depends on the machine.

use anyhow::{Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::browser::{Browser, artefacts};
use crate::outside::root;

/// A page met for the first time, as the script prints it.
#[derive(Debug, Deserialize)]
pub struct Judged {
    /// The name it was given.
    pub name: String,
    /// The address that was shown in the end.
    pub shown: String,
    /// Why there is no judgement.
    pub broken: Option<String>,
    /// Of 100.
    pub performance: u32,
    /// Of 100.
    pub accessibility: u32,
    /// Of 100.
    pub best_practices: u32,
    /// What costs accessibility or best practices.
    pub found: Vec<String>,
    /// What costs performance, the dearest first.
    pub slow: Vec<String>,
    /// Until the largest thing was painted, milliseconds.
    pub largest_paint_ms: f64,
    /// How long the page could not react, milliseconds beyond 50 of each task.
    pub blocking_ms: f64,
    /// How far things moved once they were there; 0 is not at all.
    pub layout_shift: f64,
    /// Bytes that came over the network.
    pub transferred_bytes: f64,
    /// Those of them that are the API's answers; the rest is the portal, the same for everybody.
    pub data_bytes: f64,
    /// Things that were asked for.
    pub requests: u32,
    /// Those of them that are files of the portal.
    pub files: u32,
}

/// Has pages judged, each a name and an address; `modules` is the folder of `WHEELHOUSE_TEST_NODE`. The reports and all figures
/// are kept among the artefacts.
///
/// # Errors
/// Lighthouse fails, or a page could not be judged.
pub async fn judged(browser: &Browser, modules: &str, pages: &[(&str, String)]) -> Result<Vec<Judged>> {
    let folder = artefacts().join("lighthouse");
    let mut command = Command::new("node");
    command.arg(root().join("tests/node/lighthouse.mjs")).arg(browser.devtools_port()?.to_string()).arg(&folder);
    command.args(pages.iter().map(|(name, url)| format!("{name}={url}")));
    let said = command.env("WHEELHOUSE_TEST_NODE", modules).kill_on_drop(true).output().await?;
    ensure!(said.status.success(), "lighthouse: {}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout)?;
    std::fs::write(folder.join("lighthouse.jsonl"), &text)?;
    let judged: Vec<Judged> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(judged.len() == pages.len(), "lighthouse judged {} pages of {}", judged.len(), pages.len());
    for page in &judged {
        ensure!(page.broken.is_none(), "{page:?}");
        ensure!(!page.shown.contains("sign-in"), "nobody was signed in: {page:?}");
    }
    Ok(judged)
}
