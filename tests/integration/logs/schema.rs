//! The log as its page describes it: the table of `docs/logs.md` is what lines are held to.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};
use testkit::outside::root;

/// Crates whose lines are ours, and what panics are said as.
const OURS: [&str; 12] = [
    "ai_service",
    "api",
    "aws",
    "aws_sim",
    "domain",
    "panic",
    "platform",
    "services",
    "store",
    "web",
    "wheelhouse",
    "worker",
];

/// Where a field is, and its name, with its type.
pub struct Schema(BTreeMap<(String, String), String>);

impl Schema {
    /// That of the page.
    pub fn read() -> Result<Self> {
        let page = std::fs::read_to_string(root().join("docs/logs.md"))?;
        let rows = page.lines().filter(|line| line.starts_with("| `")).map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells[..] {
                [field, place, kind, meaning] if !meaning.is_empty() => {
                    Ok(((place.to_owned(), field.trim_matches('`').to_owned()), kind.to_owned()))
                }
                _ => bail!("{line}"),
            }
        });
        Ok(Self(rows.collect::<Result<_>>()?))
    }

    /// Whether the page has the field at this place.
    pub fn has(&self, place: &str, field: &str) -> bool {
        self.kind(&[place], field).is_some()
    }

    /// The line, which must be as the page says.
    pub fn check(&self, line: &str) -> Result<Value> {
        let object: Map<String, Value> = serde_json::from_str(line).with_context(|| format!("no JSON: {line}"))?;
        self.checked(&object).with_context(|| line.to_owned())?;
        // Of a field that is there twice one is lost by reading.
        anyhow::ensure!(line.len() == serde_json::to_string(&object)?.len(), "a field is there twice: {line}");
        Ok(Value::Object(object))
    }

    fn checked(&self, line: &Map<String, Value>) -> Result<()> {
        for field in ["timestamp", "level", "target"] {
            anyhow::ensure!(line.contains_key(field), "no {field}");
        }
        let target = line["target"].as_str().context("no target")?;
        let ours = OURS.contains(&target.split("::").next().unwrap_or_default());
        for (field, value) in line {
            match (self.kind(&["every line", "line"], field), ours) {
                (Some(kind), _) => anyhow::ensure!(is(kind, value) || !ours, "{field} is no {kind}"),
                (None, true) => bail!("{field} is not on the page"),
                (None, false) => {}
            }
        }
        let Some(span) = line.get("span").and_then(Value::as_object).filter(|_| ours) else { return Ok(()) };
        let place = span["name"].as_str().context("a span without a name")?;
        for (field, value) in span {
            let kind = self.kind(&[place], field).with_context(|| format!("{field} of {place} is not on the page"))?;
            anyhow::ensure!(is(kind, value), "{field} of {place} is no {kind}");
        }
        Ok(())
    }

    fn kind(&self, places: &[&str], field: &str) -> Option<&str> {
        places.iter().find_map(|place| self.0.get(&((*place).to_owned(), field.to_owned()))).map(String::as_str)
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "text" => value.is_string(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        _ => false,
    }
}
