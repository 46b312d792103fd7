//! From CloudTrail's record of an event to the row that is kept: who, from where, about which WorkSpaces, and the record
//! itself without what must not be kept. Pure.
//!
//! The fields are those of the CloudTrail record (user guide, "CloudTrail record contents" and "userIdentity element").
//! Nothing of a record is taken for granted: what is not as expected is as good as absent.

use std::collections::BTreeSet;

use domain::cloud::ObservedTrailEvent;
use serde_json::{Map, Value, json};
use store::repo::trail::TrailEventRow;

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";
/// WorkSpaces that one event is linked to at most; AWS takes 25 in a batch.
const MOST_WORKSPACES: usize = 100;

/// The row of an event.
pub(super) fn row(event: ObservedTrailEvent) -> TrailEventRow {
    let mut record = event.record;
    let identity = record.get("userIdentity").unwrap_or(&Value::Null);
    let (actor, actor_arn) = (actor(identity, event.username.as_deref()), text(identity, "arn"));
    let mut workspaces = BTreeSet::new();
    for resource in &event.resources {
        workspaces.extend(workspace_id(&resource.name));
    }
    for part in ["requestParameters", "responseElements", "resources"] {
        collect(record.get(part).unwrap_or(&Value::Null), &mut workspaces);
    }
    let (source_ip, user_agent) = (text(&record, "sourceIPAddress"), text(&record, "userAgent"));
    let (error_code, error_message) = (text(&record, "errorCode"), text(&record, "errorMessage"));
    redact(&mut record);
    TrailEventRow {
        event_id: event.event_id,
        at: event.at,
        name: event.name,
        source: event.source,
        read_only: event.read_only,
        actor,
        actor_arn,
        source_ip,
        user_agent,
        error_code,
        error_message,
        detail: event.malformed.map_or(record, |reason| json!({ "unreadable": reason })),
        workspaces: workspaces.into_iter().take(MOST_WORKSPACES).collect(),
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Who, in words; empty when the record does not say.
fn actor(identity: &Value, username: Option<&str>) -> String {
    let own = || text(identity, "userName");
    // `arn:aws:sts::123456789012:assumed-role/Role/session` and `…:federated-user/name`.
    let arn_tail = || text(identity, "arn").and_then(|arn| Some(arn.split_once('/')?.1.to_owned()));
    let named = match identity.get("type").and_then(Value::as_str).unwrap_or_default() {
        "Root" => Some("root".to_owned()),
        "AssumedRole" => arn_tail(),
        "FederatedUser" => own().or_else(arn_tail),
        "AWSService" => text(identity, "invokedBy"),
        "AWSAccount" => text(identity, "accountId"),
        "IdentityCenterUser" => own().or_else(|| text(identity.get("onBehalfOf")?, "userId")),
        _ => own(),
    };
    let given = || username.filter(|name| !name.is_empty()).map(str::to_owned);
    let last = || text(identity, "invokedBy").or_else(|| text(identity, "principalId"));
    named.or_else(given).or_else(own).or_else(last).unwrap_or_default()
}

/// The id of a WorkSpace (`ws-…`) in a text that is one, or the ARN of one.
fn workspace_id(text: &str) -> Option<String> {
    let name = text.rsplit('/').next()?;
    let rest = name.strip_prefix("ws-")?;
    let fits = (8..=63).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    fits.then(|| name.to_owned())
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(workspace_id(text)),
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// Takes out access keys, tokens, passwords and what else opens doors, wherever it stands.
fn redact(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(redact),
        Value::Object(fields) => redact_fields(fields),
        _ => {}
    }
}

fn redact_fields(fields: &mut Map<String, Value>) {
    for (name, value) in fields {
        let empty = value.is_null() || value.as_str() == Some("");
        if secret(name) && !empty {
            *value = Value::String(REDACTED.to_owned());
        } else {
            redact(value);
        }
    }
}

fn secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    ["accesskey", "secret", "password", "passwd", "token", "privatekey", "authorization"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use domain::cloud::TrailResource;
    use proptest::prelude::*;

    use super::*;

    fn observed(record: Value) -> ObservedTrailEvent {
        ObservedTrailEvent {
            event_id: "e-1".into(),
            at: "2026-03-01T10:00:00Z".parse().unwrap(),
            name: "StopWorkspaces".into(),
            source: "workspaces.amazonaws.com".into(),
            read_only: Some(false),
            username: Some("given".into()),
            resources: Vec::new(),
            record,
            malformed: None,
        }
    }

    fn actor_of(identity: &Value) -> String {
        row(observed(json!({ "userIdentity": identity }))).actor
    }

    #[test]
    fn actors_are_named_by_kind_of_identity() {
        let role = "arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com";
        assert_eq!(actor_of(&json!({"type": "IAMUser", "userName": "bob"})), "bob");
        assert_eq!(actor_of(&json!({"type": "AssumedRole", "arn": role})), "Admin/alice@example.com");
        assert_eq!(actor_of(&json!({"type": "Root", "arn": "arn:aws:iam::123456789012:root"})), "root");
        assert_eq!(
            actor_of(&json!({"type": "AWSService", "invokedBy": "workspaces.amazonaws.com"})),
            "workspaces.amazonaws.com"
        );
        assert_eq!(actor_of(&json!({"type": "AWSAccount", "accountId": "210987654321"})), "210987654321");
        assert_eq!(actor_of(&json!({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}})), "u-1");
        assert_eq!(actor_of(&json!({"type": "FederatedUser", "arn": "arn:aws:sts::1:federated-user/eve"})), "eve");
        assert_eq!(actor_of(&json!({"type": "SAMLUser", "userName": "sam"})), "sam");
        assert_eq!(actor_of(&json!("nonsense")), "given");
        let nobody =
            ObservedTrailEvent { username: None, ..observed(json!({"userIdentity": {"principalId": "AIDA"}})) };
        assert_eq!(row(nobody).actor, "AIDA");
        assert_eq!(row(ObservedTrailEvent { username: None, ..observed(Value::Null) }).actor, "");
    }

    #[test]
    fn every_workspace_of_a_batch_is_found_once() {
        let ids: Vec<String> = (0..25).map(|number| format!("ws-{number:09}")).collect();
        let requests: Vec<Value> = ids.iter().map(|id| json!({ "workspaceId": id })).collect();
        let event = ObservedTrailEvent {
            resources: vec![TrailResource {
                kind: "AWS::WorkSpaces::Workspace".into(),
                name: "arn:aws:workspaces:eu-central-1:123456789012:workspace/ws-000000099".into(),
            }],
            ..observed(json!({
                "requestParameters": { "stopWorkspaceRequests": requests },
                "responseElements": { "failedRequests": [{ "workspaceId": ids[3] }], "pendingRequests": [
                    { "workspaceId": "ws-000000077", "bundleId": "wsb-000000001", "userName": "ws-short" }
                ]},
            }))
        };
        let mut expected = ids;
        expected.extend(["ws-000000077".to_owned(), "ws-000000099".to_owned()]);
        assert_eq!(row(event).workspaces, expected);
    }

    #[test]
    fn secrets_are_taken_out_and_the_rest_is_kept() {
        let event = observed(json!({
            "userIdentity": { "type": "IAMUser", "userName": "bob", "accessKeyId": "AKIAX", "arn": "arn:aws:iam::1:user/bob" },
            "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli", "errorCode": "AccessDenied", "errorMessage": "no",
            "requestParameters": { "password": "hunter2", "Settings": [{ "radiusSettings": { "sharedSecret": "s" } }] },
            "responseElements": { "credentials": { "sessionToken": "t", "secret_access_key": "k", "expiration": "later" } },
            "nothing": { "password": null },
        }));
        let row = row(event);
        let text = row.detail.to_string();
        for secret in ["AKIAX", "hunter2", "\"s\"", "\"t\"", "\"k\""] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert_eq!(row.detail["requestParameters"]["password"], REDACTED);
        assert_eq!(row.detail["responseElements"]["credentials"]["expiration"], "later");
        assert_eq!(row.detail["nothing"]["password"], Value::Null);
        assert_eq!(
            (row.actor_arn.as_deref(), row.source_ip.as_deref(), row.user_agent.as_deref()),
            (Some("arn:aws:iam::1:user/bob"), Some("192.0.2.7"), Some("aws-cli"))
        );
        assert_eq!((row.error_code.as_deref(), row.error_message.as_deref()), (Some("AccessDenied"), Some("no")));
    }

    #[test]
    fn a_record_that_could_not_be_read_leaves_its_envelope() {
        let event = ObservedTrailEvent { malformed: Some("not JSON".into()), ..observed(Value::Null) };
        let row = row(event);
        assert_eq!((row.actor.as_str(), row.name.as_str()), ("given", "StopWorkspaces"));
        assert_eq!(row.detail, json!({ "unreadable": "not JSON" }));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let name = prop_oneof![
            "[a-z]{0,4}",
            Just("userIdentity".to_owned()),
            Just("accessKeyId".to_owned()),
            Just("arn".to_owned())
        ];
        let leaf = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), ".{0,12}".prop_map(Value::from)];
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(name.clone(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_record_has_a_row_without_access_keys(record in any_json()) {
            fn kept(value: &Value) -> bool {
                match value {
                    Value::Array(values) => values.iter().any(kept),
                    Value::Object(fields) => fields.iter().any(|(name, value)| {
                        if name == "accessKeyId" { !(value.is_null() || value == "" || value == REDACTED) } else { kept(value) }
                    }),
                    _ => false,
                }
            }
            let row = row(observed(record));
            prop_assert!(!kept(&row.detail));
        }
    }
}
