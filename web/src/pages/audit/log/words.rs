//! Entries in words, and what differs between before and after. Pure.

use serde_json::Value;

use crate::components::ui::badge::{Glyph, Tone};
use crate::format::sentence;

/// What was done: `account.create` is "Account: create".
pub fn action_words(action: &str) -> String {
    let (object, verb) = action.split_once('.').unwrap_or((action, ""));
    let plain = |text: &str| text.replace(['_', '-'], " ").replace("api key", "API key");
    if verb.is_empty() { sentence(&plain(object)) } else { format!("{}: {}", sentence(&plain(object)), plain(verb)) }
}

/// The meaning and shape of an outcome.
pub fn outcome_look(outcome: &str) -> (Tone, Glyph) {
    match outcome {
        "done" => (Tone::Success, Glyph::Tick),
        "refused" => (Tone::Warning, Glyph::Bars),
        _ => (Tone::Danger, Glyph::Cross),
    }
}

/// A field of an object before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field; empty when the whole is no object.
    pub field: String,
    /// What was there.
    pub before: Option<String>,
    /// What is there.
    pub after: Option<String>,
}

impl Change {
    /// Whether the two differ.
    pub fn differs(&self) -> bool {
        self.before != self.after
    }
}

/// The fields of both, in order, those that differ first.
pub fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let mut names: Vec<&String> =
        [before, after].into_iter().flatten().filter_map(Value::as_object).flat_map(|o| o.keys()).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        let whole = Change { field: String::new(), before: before.map(text), after: after.map(text) };
        return if whole.before.is_none() && whole.after.is_none() { Vec::new() } else { vec![whole] };
    }
    let of = |value: Option<&Value>, name: &str| value.and_then(|v| v.get(name)).map(text);
    let mut all: Vec<Change> = names
        .into_iter()
        .map(|name| Change { field: name.clone(), before: of(before, name), after: of(after, name) })
        .collect();
    all.sort_by_key(|change| !change.differs());
    all
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn actions_read_as_words() {
        assert_eq!(action_words("api_key.create"), "API key: create");
        assert_eq!(action_words("session.sign_in"), "Session: sign in");
    }

    #[test]
    fn what_changed_comes_first() {
        let found = changes(Some(&json!({ "a": 1, "z": "x" })), Some(&json!({ "a": 1, "z": "y", "n": null })));
        let fields: Vec<_> = found.iter().map(|c| (c.field.as_str(), c.differs())).collect();
        assert_eq!(fields, [("n", true), ("z", true), ("a", false)]);
        assert_eq!(found[1].before.as_deref(), Some("x"));
        assert!(changes(None, None).is_empty());
        assert_eq!(changes(None, Some(&json!(3)))[0].after.as_deref(), Some("3"));
    }
}
