//! What an event's record holds, as rows of a table. Pure.

use serde_json::Value;

/// Rows of a record at most: what is longer is in the record itself.
const MOST_ROWS: usize = 60;

/// A value of a record and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Where: the names on the way to it.
    pub path: String,
    /// What.
    pub text: String,
}

/// The values of a record in its order, each with the names on the way to it; those without anything are left out.
pub fn held(value: &Value) -> Vec<Held> {
    let mut rows = Vec::new();
    walk(value, &mut Vec::new(), &mut rows);
    rows.truncate(MOST_ROWS);
    rows
}

fn walk(value: &Value, path: &mut Vec<String>, rows: &mut Vec<Held>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                path.push(name.clone());
                walk(value, path, rows);
                path.pop();
            }
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                // One alone needs no number.
                let numbered = values.len() > 1;
                if numbered {
                    path.push((at + 1).to_string());
                }
                walk(value, path, rows);
                if numbered {
                    path.pop();
                }
            }
        }
        Value::String(text) => rows.push(Held { path: path.join(" › "), text: text.clone() }),
        other => rows.push(Held { path: path.join(" › "), text: other.to_string() }),
    }
}

/// The service without what all services have in their name: `workspaces`.
pub fn service(source: &str) -> &str {
    source.strip_suffix(".amazonaws.com").unwrap_or(source)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_told_value_by_value() {
        let found = held(&json!({ "ids": ["ws-1", "ws-2"], "one": [{ "a": 1, "none": null }], "dry": true }));
        let found: Vec<_> = found.iter().map(|row| (row.path.as_str(), row.text.as_str())).collect();
        let mut expected = vec![("dry", "true"), ("ids › 1", "ws-1"), ("ids › 2", "ws-2"), ("one › a", "1")];
        expected.sort_unstable();
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected);
        assert_eq!(held(&json!(null)), []);
        assert_eq!(held(&Value::Array(vec![json!(1); 100])).len(), MOST_ROWS);
    }

    #[test]
    fn a_service_is_called_by_its_name() {
        assert_eq!(service("workspaces.amazonaws.com"), "workspaces");
        assert_eq!(service("elsewhere"), "elsewhere");
    }
}
