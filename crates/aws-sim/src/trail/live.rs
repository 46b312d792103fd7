//! Requests that the simulator answered, as CloudTrail writes them down.

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::{
    ops::{Operation, Service},
    wire::{auth::Caller, error::ApiError},
};

/// A request.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) at_ms: i64,
    pub(crate) name: &'static str,
    pub(crate) source: String,
    pub(crate) caller: Caller,
    pub(crate) access_key: String,
    pub(crate) ip: String,
    pub(crate) agent: String,
    pub(crate) parameters: Value,
    /// `Null` when it failed or answered nothing.
    pub(crate) response: Value,
    pub(crate) error: Option<(String, String)>,
    /// Type and name.
    pub(crate) resources: Vec<(&'static str, String)>,
    pub(crate) request_id: String,
}

/// Whether requests to an operation are written down: those that change something.
fn is_kept(operation: &Operation) -> bool {
    const READS: &[&str] = &["Describe", "Get", "List", "Lookup", "Assume", "Search"];
    operation.service != Service::Sts && !READS.iter().any(|prefix| operation.name.starts_with(prefix))
}

/// What is written down of a request; `None` when nothing is. A request that was turned away for its number, or that
/// failed at AWS's side, leaves no trace.
pub(crate) fn of_request(
    operation: &Operation,
    caller: &Caller,
    headers: &HeaderMap,
    body: &[u8],
    result: &Result<Vec<u8>, ApiError>,
    at_ms: i64,
    request_id: &str,
) -> Option<Live> {
    let gone_wrong = |error: &ApiError| error.code == "ThrottlingException" || error.status >= 500;
    if !is_kept(operation) || result.as_ref().err().is_some_and(gone_wrong) {
        return None;
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let access_key = header("authorization")
        .and_then(|value| value.split_once("Credential="))
        .and_then(|(_, rest)| rest.split('/').next())
        .unwrap_or_default();
    let mut resources = Vec::new();
    find_resources(&request, &mut resources);
    let mut answer = Value::Null;
    if let Ok(body) = result {
        answer = serde_json::from_slice(body).unwrap_or_default();
        if answer.as_object().is_some_and(Map::is_empty) {
            answer = Value::Null;
        }
        // What was made is named in the answer alone.
        find_resources(&answer["PendingRequests"], &mut resources);
    }
    let error = result.as_ref().err().map(|error| {
        let code = error.code.strip_suffix("Exception").filter(|code| *code == "AccessDenied").unwrap_or(error.code);
        (code.to_owned(), error.message.to_string())
    });
    Some(Live {
        at_ms,
        name: operation.name,
        source: format!("{}.amazonaws.com", operation.service.prefix()),
        caller: caller.clone(),
        access_key: access_key.to_owned(),
        ip: header("x-forwarded-for").and_then(|list| list.split(',').next()).unwrap_or("192.0.2.10").trim().to_owned(),
        agent: header("user-agent").unwrap_or("-").to_owned(),
        parameters: lowered(request),
        response: lowered(answer),
        error,
        resources,
        request_id: request_id.to_owned(),
    })
}

/// Names begin with small letters in CloudTrail.
fn lowered(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|letter| letter.to_ascii_lowercase());
                (first.into_iter().chain(letters).collect::<String>(), lowered(value))
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.into_iter().map(lowered).collect(),
        other => other,
    }
}

/// Ids of WorkSpaces and directories anywhere in a body, each once.
fn find_resources(value: &Value, found: &mut Vec<(&'static str, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let kind = match (name.as_str(), value.as_str()) {
                    ("WorkspaceId", Some(_)) => Some("AWS::WorkSpaces::Workspace"),
                    ("ResourceId", Some(id)) if id.starts_with("ws-") => Some("AWS::WorkSpaces::Workspace"),
                    ("DirectoryId", Some(_)) => Some("AWS::DirectoryService::Directory"),
                    _ => None,
                };
                match (kind, value.as_str()) {
                    (Some(kind), Some(id)) if !found.iter().any(|(_, known)| known == id) => {
                        found.push((kind, id.to_owned()));
                    }
                    _ => find_resources(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| find_resources(value, found)),
        _ => {}
    }
}

/// `userIdentity` of a caller.
pub(crate) fn identity(caller: &Caller, access_key: &str, since: &str) -> Value {
    let Caller { account, arn, user_id, .. } = caller;
    match role_of(arn) {
        None => json!({
            "type": "IAMUser",
            "principalId": user_id,
            "arn": arn,
            "accountId": account,
            "accessKeyId": access_key,
            "userName": username(caller),
        }),
        Some(role) => json!({
            "type": "AssumedRole",
            "principalId": user_id,
            "arn": arn,
            "accountId": account,
            "accessKeyId": access_key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": user_id.split(':').next(),
                    "arn": format!("arn:aws:iam::{account}:role/{role}"),
                    "accountId": account,
                    "userName": role,
                },
                "attributes": { "creationDate": since, "mfaAuthenticated": "false" },
            },
        }),
    }
}

fn role_of(arn: &str) -> Option<&str> {
    arn.split_once(":assumed-role/")?.1.split('/').next()
}

/// The user's name, or the session's.
pub(crate) fn username(caller: &Caller) -> &str {
    caller.arn.rsplit('/').next().unwrap_or_default()
}
