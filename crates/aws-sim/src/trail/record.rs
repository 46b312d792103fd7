//! Events as `LookupEvents` shows them, and the questions that can be asked of them.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::{
    Entry,
    drawn::{Drawn, Kind, Subject, Subjects},
    live::{self, Live},
    people::{PEOPLE, Person},
};
use crate::{
    fleet::names::TEAMS,
    history::Shape,
    rng::{Rng, hash, mix},
};

/// Where an event happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) seed: u64,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) subjects: &'a Subjects,
}

/// A record still without what all events have, with access key, user name and resources.
type Told = (Value, String, String, Vec<(&'static str, String)>);

/// Looks like a version 4 UUID.
fn uuid(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

impl Scene<'_> {
    /// `EventId`.
    pub(crate) fn id(&self, entry: &Entry) -> String {
        match entry {
            Entry::Drawn(drawn) => uuid(mix(drawn.seed), mix(drawn.seed ^ hash(self.seed, self.region))),
            Entry::Live(live) => uuid(hash(self.seed, &live.request_id), hash(!self.seed, &live.request_id)),
        }
    }

    /// Whether an event has the value of a lookup attribute.
    pub(crate) fn has(&self, entry: &Entry, attribute: &str, value: &str) -> bool {
        match (attribute, entry) {
            ("EventId", entry) => self.id(entry) == value,
            ("EventName", Entry::Drawn(drawn)) => drawn.kind.name() == value,
            ("EventName", Entry::Live(live)) => live.name == value,
            ("EventSource", Entry::Drawn(drawn)) => drawn.kind.source() == value,
            ("EventSource", Entry::Live(live)) => live.source == value,
            ("ReadOnly", Entry::Drawn(drawn)) => drawn.kind.reads() == (value == "true"),
            ("ReadOnly", Entry::Live(_)) => value == "false",
            ("Username", Entry::Drawn(drawn)) => person(drawn).name == value,
            ("Username", Entry::Live(live)) => live::username(&live.caller) == value,
            ("AccessKeyId", Entry::Drawn(drawn)) => person(drawn).access_key(self.seed, self.account) == value,
            ("AccessKeyId", Entry::Live(live)) => live.access_key == value,
            ("ResourceName", Entry::Drawn(drawn)) => {
                let names =
                    |one: &Subject| if drawn.kind.is_directorys() { one.directory == value } else { one.id == value };
                !drawn.kind.reads() && self.involved(drawn).any(names)
            }
            ("ResourceName", Entry::Live(live)) => live.resources.iter().any(|(_, name)| name == value),
            ("ResourceType", Entry::Drawn(drawn)) => !drawn.kind.reads() && resource_type(drawn.kind) == value,
            ("ResourceType", Entry::Live(live)) => live.resources.iter().any(|(kind, _)| *kind == value),
            _ => false,
        }
    }

    /// The desktops of a request; the first is always there.
    fn involved(&self, drawn: &Drawn) -> impl Iterator<Item = &Subject> {
        let (first, at_ms) = (drawn.subject as usize, drawn.at_ms);
        let others = self.subjects.list[first.saturating_sub(usize::from(drawn.more))..first].iter();
        self.subjects.list.get(first).into_iter().chain(others.filter(move |one| !one.is_gone(at_ms)))
    }

    /// `Event` on the wire.
    pub(crate) fn event(&self, entry: &Entry) -> Value {
        let id = self.id(entry);
        let at_s = entry.at_ms().div_euclid(1_000);
        let time = rfc3339(at_s);
        let (mut record, access_key, username, resources) = match entry {
            Entry::Drawn(drawn) => self.drawn(drawn),
            Entry::Live(live) => self.live(live, &time),
        };
        record["eventVersion"] = json!("1.11");
        record["eventTime"] = json!(time);
        record["awsRegion"] = json!(self.region);
        record["eventID"] = json!(id);
        record["eventType"] = json!("AwsApiCall");
        record["managementEvent"] = json!(true);
        record["recipientAccountId"] = json!(self.account);
        record["eventCategory"] = json!("Management");
        json!({
            "EventId": id,
            "EventName": record["eventName"],
            "ReadOnly": record["readOnly"].as_bool().unwrap_or_default().to_string(),
            "AccessKeyId": access_key,
            "EventTime": at_s,
            "EventSource": record["eventSource"],
            "Username": username,
            "Resources": resources
                .into_iter()
                .map(|(kind, name)| json!({ "ResourceType": kind, "ResourceName": name }))
                .collect::<Vec<_>>(),
            "CloudTrailEvent": record.to_string(),
        })
    }

    fn live(&self, live: &Live, time: &str) -> Told {
        let mut record = json!({
            "userIdentity": live::identity(&live.caller, &live.access_key, time),
            "eventSource": live.source,
            "eventName": live.name,
            "sourceIPAddress": live.ip,
            "userAgent": live.agent,
            "requestParameters": live.parameters,
            "responseElements": live.response,
            "requestID": live.request_id,
            "readOnly": false,
        });
        if let Some((code, message)) = &live.error {
            record["errorCode"] = json!(code);
            record["errorMessage"] = json!(message);
        }
        let username = live::username(&live.caller).to_owned();
        (record, live.access_key.clone(), username, live.resources.clone())
    }

    fn drawn(&self, drawn: &Drawn) -> Told {
        let person = person(drawn);
        let request_id = uuid(mix(!drawn.seed), mix(drawn.seed.rotate_left(7)));
        let since = rfc3339(drawn.at_ms.div_euclid(1_000) - 600 - (drawn.seed % 3_000) as i64);
        let (parameters, response) = self.words(drawn);
        let mut record = json!({
            "userIdentity": person.identity(self.seed, self.account, &since),
            "eventSource": drawn.kind.source(),
            "eventName": drawn.kind.name(),
            "sourceIPAddress": person.ip,
            "userAgent": person.agent,
            "requestParameters": parameters,
            "responseElements": if drawn.denied { Value::Null } else { response },
            "requestID": request_id,
            "readOnly": drawn.kind.reads(),
        });
        if drawn.denied {
            let prefix = if drawn.kind.is_directorys() { "ds" } else { "workspaces" };
            record["errorCode"] = json!("AccessDenied");
            record["errorMessage"] = json!(format!(
                "User: {} is not authorized to perform: {prefix}:{} because no identity-based policy allows the \
                 {prefix}:{} action",
                person.arn(self.account),
                drawn.kind.name(),
                drawn.kind.name()
            ));
        }
        let resources = if drawn.kind.reads() {
            Vec::new()
        } else if drawn.kind.is_directorys() {
            self.involved(drawn).take(1).map(|one| (resource_type(drawn.kind), one.directory.clone())).collect()
        } else {
            self.involved(drawn).map(|one| (resource_type(drawn.kind), one.id.clone())).collect()
        };
        (record, person.access_key(self.seed, self.account), person.name.to_owned(), resources)
    }

    /// `requestParameters` and `responseElements`.
    fn words(&self, drawn: &Drawn) -> (Value, Value) {
        let Some(one) = self.involved(drawn).next() else { return (Value::Null, Value::Null) };
        let ids = || self.involved(drawn).map(|one| json!({ "workspaceId": one.id })).collect::<Vec<_>>();
        let nothing_failed = json!({ "failedRequests": [] });
        let mut rng = Rng::from_parts(drawn.seed, "words");
        match drawn.kind {
            Kind::Start => (json!({ "startWorkspaceRequests": ids() }), nothing_failed),
            Kind::Reboot => (json!({ "rebootWorkspaceRequests": ids() }), nothing_failed),
            Kind::Rebuild => (json!({ "rebuildWorkspaceRequests": ids() }), nothing_failed),
            Kind::Terminate => (json!({ "terminateWorkspaceRequests": ids() }), nothing_failed),
            Kind::Create => {
                let made = json!({ "directoryId": one.directory, "userName": one.user, "bundleId": one.bundle,
                    "workspaceProperties": properties(None, &one.first) });
                let mut pending = made.clone();
                pending["workspaceId"] = json!(one.id);
                pending["state"] = json!("PENDING");
                (json!({ "workspaces": [made] }), json!({ "failedRequests": [], "pendingRequests": [pending] }))
            }
            Kind::Modify(number) => {
                let change = one.changes.get(usize::from(number));
                let wanted = change.map(|(_, before, after)| properties(Some(before), after));
                (json!({ "workspaceId": one.id, "workspaceProperties": wanted }), Value::Null)
            }
            Kind::CreateTags => {
                let team = rng.pick(TEAMS);
                let tag = if rng.chance(500) {
                    json!({ "key": "CostCenter", "value": team.cost_center })
                } else {
                    json!({ "key": "Team", "value": team.name })
                };
                (json!({ "resourceId": one.id, "tags": [tag] }), Value::Null)
            }
            Kind::DeleteTags => (json!({ "resourceId": one.id, "tagKeys": ["Temporary"] }), Value::Null),
            Kind::DescribeWorkspaces => (json!({ "limit": 25 }), Value::Null),
            Kind::DescribeDirectories => (Value::Null, Value::Null),
            Kind::ResetUserPassword => (
                json!({ "directoryId": one.directory, "userName": one.user,
                    "newPassword": "HIDDEN_DUE_TO_SECURITY_REASONS" }),
                Value::Null,
            ),
            Kind::CreateSnapshot => {
                let snapshot = format!("s-{}", rng.text(crate::rng::HEX, 10));
                (
                    json!({ "directoryId": one.directory, "name": "before maintenance" }),
                    json!({ "snapshotId": snapshot }),
                )
            }
        }
    }
}

/// `workspaceProperties`: all of a shape, or only what differs from another.
fn properties(before: Option<&Shape>, shape: &Shape) -> Value {
    let mut properties = json!({});
    let differs = |of: fn(&Shape) -> u32| before.is_none_or(|before| of(before) != of(shape));
    if before.is_none_or(|before| before.running_mode != shape.running_mode) {
        properties["runningMode"] = json!(shape.running_mode.as_str());
    }
    if shape.timeout_minutes > 0 && differs(|shape| shape.timeout_minutes) {
        properties["runningModeAutoStopTimeoutInMinutes"] = json!(shape.timeout_minutes);
    }
    if before.is_none_or(|before| before.compute != shape.compute) {
        properties["computeTypeName"] = json!(shape.compute);
    }
    if differs(|shape| shape.root_gib) {
        properties["rootVolumeSizeGib"] = json!(shape.root_gib);
    }
    if differs(|shape| shape.user_gib) {
        properties["userVolumeSizeGib"] = json!(shape.user_gib);
    }
    properties
}

fn person(drawn: &Drawn) -> &'static Person {
    &PEOPLE[usize::from(drawn.who)]
}

fn resource_type(kind: Kind) -> &'static str {
    if kind.is_directorys() { "AWS::DirectoryService::Directory" } else { "AWS::WorkSpaces::Workspace" }
}

fn rfc3339(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}
