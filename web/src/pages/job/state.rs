//! What a job reported, told apart by shape, so that each kind is shown in its own way and an unknown one as it is; and which items of
//! an action failed. Pure.

use domain::ids::WorkspaceId;
use domain::sync::SyncReport;
use serde::Deserialize;
use serde_json::Value;

use crate::format::thousands;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// Of a sync.
    Sync(Box<SyncReport>),
    /// Plain facts, by name.
    Facts(Vec<Fact>),
    /// Of anything else: as it is, indented.
    Other(String),
}

/// Letters of a text that fits beside figures.
const SHORT: usize = 12;

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value, in words.
    pub words: String,
    /// Whether that is a text that does not fit beside figures, such as a hash.
    pub long: bool,
}

/// Reads a report. A sync's has its run and how it ended beside it.
pub fn read(value: &Value) -> Report {
    if let Some(Ok(report)) = value.get("report").map(SyncReport::deserialize) {
        return Report::Sync(Box::new(report));
    }
    if let Some(facts) = facts(value) {
        return Report::Facts(facts);
    }
    Report::Other(serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The names and values of an object that holds nothing but plain ones, by name.
fn facts(value: &Value) -> Option<Vec<Fact>> {
    let object = value.as_object().filter(|o| !o.is_empty())?;
    let words = |value: &Value| match value {
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::Null => Some("–".to_owned()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.as_u64().map_or_else(|| number.to_string(), thousands)),
        Value::Array(_) | Value::Object(_) => None,
    };
    let fact = |(name, value): (&String, &Value)| {
        let long = value.as_str().is_some_and(|text| text.chars().count() > SHORT);
        Some(Fact { name: name.replace('_', " "), words: words(value)?, long })
    };
    let mut facts = object.iter().map(fact).collect::<Option<Vec<_>>>()?;
    facts.sort_by(|a, b| a.name.cmp(&b.name));
    Some(facts)
}

/// The WorkSpaces that failed, of an action's report with all its items.
pub fn failed(report: &Value) -> Vec<WorkspaceId> {
    let items = report.get("items").and_then(Value::as_array);
    let failed = items.into_iter().flatten().filter(|item| item.get("ok").and_then(Value::as_bool) == Some(false));
    failed.filter_map(|item| item.get("id").and_then(Value::as_str)?.parse::<WorkspaceId>().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sync_report_is_known_by_its_shape() {
        let report = SyncReport { seen: 60, added: 5, ..SyncReport::default() };
        let value = json!({"run_id": uuid::Uuid::from_u128(1), "outcome": "whole", "report": &report});
        assert_eq!(read(&value), Report::Sync(Box::new(report)));
    }

    #[test]
    fn those_that_failed_are_told_from_those_that_wait() {
        let id = |n: u128| uuid::Uuid::from_u128(n).to_string();
        let items =
            json!([{"id": id(1), "ok": true}, {"id": id(2), "ok": false}, {"id": id(3)}, {"id": "shoe", "ok": false}]);
        assert_eq!(failed(&json!({"items": items})), [WorkspaceId(uuid::Uuid::from_u128(2))]);
        assert!(failed(&Value::Null).is_empty());
    }

    #[test]
    fn plain_objects_are_facts() {
        let hash = "0123456789abcdef";
        let facts = read(&json!({"moved_rows": 1_200_000_000_000_u64, "again": true, "sha256": hash}));
        let fact = |name: &str, words: &str, long| Fact { name: name.to_owned(), words: words.to_owned(), long };
        let expected = vec![
            fact("again", "yes", false),
            fact("moved rows", "1,200,000,000,000", false),
            fact("sha256", hash, true),
        ];
        assert_eq!(facts, Report::Facts(expected));
    }

    #[test]
    fn anything_else_is_shown_as_it_is() {
        assert!(matches!(read(&json!({"by": {"kind": 7}})), Report::Other(text) if text.contains("kind")));
        assert!(matches!(read(&json!([1, 2])), Report::Other(_)));
    }
}
