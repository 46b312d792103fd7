//! Entries in words, where what they are about is to be seen, and what differs between before and after. Pure.

use domain::access::Permission;
use domain::ids::{JobId, RequestId, TrailEventId, UserId, WorkspaceId};
use serde_json::Value;

use crate::components::ui::badge::{Glyph, Tone};
use crate::format::sentence;
use crate::pages::audit::short::short_id;

/// What was done: `account.create` is "Account: create".
pub fn action_words(action: &str) -> String {
    let (object, verb) = action.split_once('.').unwrap_or((action, ""));
    let plain = |text: &str| text.replace(['_', '-'], " ").replace("api key", "API key");
    if verb.is_empty() { sentence(&plain(object)) } else { format!("{}: {}", sentence(&plain(object)), plain(verb)) }
}

/// A kind of object: `report-run` is "Report run".
pub fn kind_words(kind: &str) -> String {
    let plain = kind.replace(['_', '-'], " ");
    plain.strip_prefix("api ").map_or_else(|| sentence(&plain), |rest| format!("API {rest}"))
}

/// Who acted: what they are called; of somebody whose name was erased, how their id begins; else what kind of actor it was.
pub fn who_words(name: Option<String>, id: Option<UserId>, kind: &str) -> String {
    name.unwrap_or_else(|| match id {
        Some(id) => format!("erased · {}", short_id(&id.to_string())),
        None => sentence(kind),
    })
}

/// The address of what an entry is about, and what one must be allowed to do to see it; `None` for what has no address of its own.
pub fn page_of(kind: &str, id: &str) -> Option<(String, Permission)> {
    Some(match kind {
        "workspace" => (format!("/workspaces/{}", id.parse::<WorkspaceId>().ok()?), Permission::WorkspaceRead),
        "user" => (format!("/admin/users/{}", id.parse::<UserId>().ok()?), Permission::UserRead),
        "job" => (format!("/jobs/{}", id.parse::<JobId>().ok()?), Permission::JobRead),
        "request" => (format!("/requests?request={}", id.parse::<RequestId>().ok()?), Permission::RequestRead),
        "trail-event" => (format!("/audit?event={}", id.parse::<TrailEventId>().ok()?), Permission::AuditRead),
        _ => return None,
    })
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
        assert_eq!(["report-run", "api-key", "team"].map(kind_words), ["Report run", "API key", "Team"]);
    }

    #[test]
    fn who_acted_has_a_name_or_an_id_or_a_kind() {
        let id = "0190b6a0-0000-7000-8000-000000000000".parse().ok();
        assert_eq!(who_words(Some("ana@example.com".to_owned()), id, "user"), "ana@example.com");
        assert_eq!(who_words(None, id, "user"), "erased · 0190b6a0");
        assert_eq!(who_words(None, None, "system"), "System");
    }

    #[test]
    fn what_has_an_address_is_led_to() {
        let id = "0190b6a0-0000-7000-8000-000000000000";
        let led = |kind| page_of(kind, id).map(|(href, needs)| (href, needs.as_str()));
        assert_eq!(led("user"), Some((format!("/admin/users/{id}"), "user:read")));
        assert_eq!(led("request"), Some((format!("/requests?request={id}"), "request:read")));
        assert_eq!(led("team"), None, "a team has no page of its own");
        assert_eq!(page_of("workspace", "../admin"), None, "what is no id leads nowhere");
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
