//! What keeps people out of a page, as axe-core finds it: contrast, names, roles, order. It sees the page as it stands now, so
//! wait for it first. What a machine can't judge (does the name say the right thing?) it does not find.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::outside::needed;

/// Asks for what breaks the rules; each with the elements and why.
const ASK: &str = "
    const [options, done] = arguments;
    const why = node => node.target.join(' ') + ' (' + [...node.any, ...node.all, ...node.none].map(c => c.message).join(' ') + ')';
    const words = violation => violation.id + ': ' + violation.nodes.map(why).join('; ');
    axe.run(document, { resultTypes: ['violations'], preload: false, ...options })
        .then(found => done(found.violations.map(words)))
        .catch(error => done(['axe-core failed: ' + error]));
";

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Every rule.
    All,
    /// What depends on colours alone: for a page that was judged already and now wears another theme.
    Colours,
}

impl Rules {
    fn options(self) -> Value {
        match self {
            Self::All => json!({}),
            Self::Colours => {
                json!({ "runOnly": { "type": "rule", "values": ["color-contrast", "link-in-text-block"] } })
            }
        }
    }
}

/// The violations on the page that is open, in words; none where axe-core is missing outside CI.
///
/// # Errors
/// The window is gone; `CI` is set and axe-core is missing.
pub async fn violations(browser: &Browser) -> Result<Vec<String>> {
    violations_of(browser, Rules::All).await
}

/// [`violations`] of some rules.
///
/// # Errors
/// As there.
pub async fn violations_of(browser: &Browser, rules: Rules) -> Result<Vec<String>> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(Vec::new()) };
    // A page that is still the same document has it already.
    if browser.client().execute("return typeof axe", Vec::new()).await? != "object" {
        let file = PathBuf::from(modules).join("node_modules/axe-core/axe.min.js");
        browser.client().execute(&read(&file)?, Vec::new()).await?;
    }
    Ok(serde_json::from_value(browser.client().execute_async(ASK, vec![rules.options()]).await?)?)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}
