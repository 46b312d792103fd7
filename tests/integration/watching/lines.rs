//! Names in LogQL: what a panel asks of Loki is labels that the log shipper gives and fields that `docs/logs.md` tells. Whether
//! Loki takes the query is tried by `tests/compose/watching.py`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use testkit::outside::root;

use crate::logs::schema::Schema;

/// Levels as they are written.
const LEVELS: [&str; 5] = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
/// What Loki itself says of a line that it could not read.
const UNREAD: &str = "__error__";

/// What can be asked for of lines in Loki.
pub struct Lines {
    /// Labels, with the value of those that have one for all lines.
    labels: BTreeMap<String, Option<String>>,
    schema: Schema,
}

impl Lines {
    /// Labels of the shipper's configuration, fields of the page.
    pub fn read() -> Result<Self> {
        let shipper = std::fs::read_to_string(root().join("deploy/fluent-bit/fluent-bit.yml"))?;
        let told = shipper.lines().find_map(|line| line.trim().strip_prefix("labels: ")).context("no labels")?;
        let mut labels = BTreeMap::new();
        for label in told.split(", ") {
            let (name, value) = label.split_once('=').with_context(|| label.to_owned())?;
            labels.insert(name.to_owned(), (!value.starts_with('$')).then(|| value.to_owned()));
        }
        Ok(Self { labels, schema: Schema::read()? })
    }

    /// What is wrong with the names in a query.
    pub fn wrong_names(&self, query: &str) -> Vec<String> {
        let Some((asked, (selector, rest))) =
            query.split_once('{').and_then(|(asked, rest)| Some((asked, rest.split_once('}')?)))
        else {
            return vec!["no selector".to_owned()];
        };
        let mut wrong = Vec::new();
        for matcher in parts(selector, ',') {
            match compared(&matcher).map(|(name, values)| (name, values, self.labels.get(name))) {
                Some((_, _, Some(None))) => {}
                Some((_, values, Some(Some(same)))) if values.contains(&same.as_str()) => {}
                _ => wrong.push(format!("matcher {}", matcher.trim())),
            }
        }
        let pipeline = parts(rest, '[').into_iter().next().unwrap_or_default();
        let mut read = false;
        for stage in parts(&pipeline, '|').iter().skip(1) {
            match compared(stage) {
                _ if stage.trim() == "json" => read = true,
                Some((UNREAD, _)) if read => {}
                Some((name, values)) if read && self.is_field(name) => {
                    let none = values.iter().filter(|value| name == "level" && !LEVELS.contains(value));
                    wrong.extend(none.map(|value| format!("level {value}")));
                }
                _ => wrong.push(format!("stage {}", stage.trim())),
            }
        }
        for group in asked.split("by (").skip(1).filter_map(|after| after.split(')').next()) {
            let unknown = |name: &&str| !(self.labels.contains_key(*name) || read && self.is_field(name));
            wrong.extend(group.split(',').map(str::trim).filter(unknown).map(|name| format!("group {name}")));
        }
        wrong
    }

    /// Whether a line read as JSON has the field; those of its span have that before their name.
    fn is_field(&self, name: &str) -> bool {
        ["every line", "line"].iter().any(|place| self.schema.has(place, name))
            || name
                .strip_prefix("span_")
                .is_some_and(|field| ["request", "job", "aws_call"].iter().any(|place| self.schema.has(place, field)))
    }
}

/// The parts between such letters, but those in quotes.
fn parts(text: &str, between: char) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        quoted ^= letter == '"';
        if letter == between && !quoted {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(letter);
        }
    }
    parts.push(part);
    parts
}

/// The name and the values that it is compared with.
fn compared(text: &str) -> Option<(&str, Vec<&str>)> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(|end| *end > 0)?;
    let (name, rest) = text.split_at(end);
    let value = rest.trim_start().strip_prefix(['=', '!', '<', '>'])?.trim_start_matches(['=', '~']).trim();
    Some((name, value.trim_matches('"').split('|').collect()))
}

#[test]
fn names_in_queries_of_lines_are_found_wherever_they_stand() -> Result<()> {
    let lines = Lines::read()?;
    let wrong = |query| lines.wrong_names(query);
    let good = r#"sum by (service, span_route) (count_over_time({job="wheelhouse", service=~"api|worker"} | json
        | __error__="" | level=~"ERROR|WARN" | span_status>=500 [5m])) > 0"#;
    assert_eq!(wrong(good), Vec::<String>::new());
    assert_eq!(wrong("up"), ["no selector"]);
    assert_eq!(wrong(r#"{job="other", app="api"}"#), [r#"matcher job="other""#, r#"matcher app="api""#]);
    assert_eq!(wrong(r#"{job="wheelhouse"} | level="ERROR""#), [r#"stage level="ERROR""#], "it is not read as JSON");
    assert_eq!(wrong(r#"{job="wheelhouse"} | json | route="/""#), [r#"stage route="/""#], "that is in the span");
    assert_eq!(wrong(r#"{job="wheelhouse"} | json | level=~"ERROR|error""#), ["level error"]);
    assert_eq!(wrong(r#"sum by (app) (rate({job="wheelhouse"} [5m]))"#), ["group app"]);
    Ok(())
}
