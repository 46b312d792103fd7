//! What keeps people out of a page, as axe-core finds it: contrast, names, roles, order. It sees the page as it stands now, so
//! wait for it first. What a machine can't judge (does the name say the right thing?) it does not find.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::browser::Browser;
use crate::outside::needed;

/// Asks for what breaks the rules; each with the elements and why.
const ASK: &str = "
    const [done] = arguments;
    const why = node => node.target.join(' ') + ' (' + [...node.any, ...node.all, ...node.none].map(c => c.message).join(' ') + ')';
    const words = violation => violation.id + ': ' + violation.nodes.map(why).join('; ');
    // Colours on their way from one theme to the other are neither's.
    const changes = document.getAnimations().filter(one => one instanceof CSSTransition);
    Promise.allSettled(changes.map(one => one.finished))
        .then(() => axe.run(document, { resultTypes: ['violations'], preload: false }))
        .then(found => done(found.violations.map(words)))
        .catch(error => done(['axe-core failed: ' + error]));
";

/// The violations on the page that is open, in words; none where axe-core is missing outside CI.
///
/// # Errors
/// The window is gone; `CI` is set and axe-core is missing.
pub async fn violations(browser: &Browser) -> Result<Vec<String>> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(Vec::new()) };
    // A page that is still the same document has it already.
    if browser.client().execute("return typeof axe", Vec::new()).await? != "object" {
        let file = PathBuf::from(modules).join("node_modules/axe-core/axe.min.js");
        browser.client().execute(&read(&file)?, Vec::new()).await?;
    }
    Ok(serde_json::from_value(browser.client().execute_async(ASK, Vec::new()).await?)?)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}
