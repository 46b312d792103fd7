//! What keeps people out of a page, as axe-core finds it: contrast, names, roles, order. It sees the page as it stands now, so
//! wait for it first. What a machine can't judge (does the name say the right thing?) it does not find.
//!
//! A page in other colours need not be judged by every rule again: [`colour_violations`] asks for what colours can break.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::outside::needed;

/// The rules that look at colours: all that axe-core tags `cat.color`, but the one that it asks only when told to.
const COLOUR_RULES: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// Asks for what breaks these rules, or any where none are named; each with the elements and why. `null` where axe-core is not
/// in the page yet.
const ASK: &str = "
    const [rules, done] = arguments;
    if (typeof axe !== 'object') return done(null);
    const only = rules ? { runOnly: { type: 'rule', values: rules } } : {};
    const why = node => node.target.join(' ') + ' (' + [...node.any, ...node.all, ...node.none].map(c => c.message).join(' ') + ')';
    const words = violation => violation.id + ': ' + violation.nodes.map(why).join('; ');
    // Colours on their way from one theme to the other are neither's.
    const changes = document.getAnimations().filter(one => one instanceof CSSTransition);
    Promise.allSettled(changes.map(one => one.finished))
        .then(() => axe.run(document, { resultTypes: ['violations'], preload: false, ...only }))
        .then(found => done(found.violations.map(words)))
        .catch(error => done(['axe-core failed: ' + error]));
";

/// The violations on the page that is open, in words; none where axe-core is missing outside CI.
///
/// # Errors
/// The window is gone; `CI` is set and axe-core is missing.
pub async fn violations(browser: &Browser) -> Result<Vec<String>> {
    found(browser, Value::Null).await
}

/// As [`violations`], of the rules that colours can break: for a page that was judged by all of them and now has other colours
/// and nothing else.
///
/// # Errors
/// As [`violations`].
pub async fn colour_violations(browser: &Browser) -> Result<Vec<String>> {
    found(browser, json!(COLOUR_RULES)).await
}

async fn found(browser: &Browser, rules: Value) -> Result<Vec<String>> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(Vec::new()) };
    let mut found = browser.client().execute_async(ASK, vec![rules.clone()]).await?;
    // A page that is still the same document has it already.
    if found.is_null() {
        let file = PathBuf::from(modules).join("node_modules/axe-core/axe.min.js");
        browser.client().execute(&read(&file)?, Vec::new()).await?;
        found = browser.client().execute_async(ASK, vec![rules]).await?;
    }
    Ok(serde_json::from_value(found)?)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}
