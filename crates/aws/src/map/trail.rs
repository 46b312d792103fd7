//! From CloudTrail's answer to events. A record that is not JSON is kept as an event that says so; an event without an
//! id can't be stored and is dropped.

use aws_sdk_cloudtrail::types::{Event, Resource};
use chrono::{DateTime, Utc};
use domain::cloud::{CloudPage, ObservedTrailEvent, TrailResource};
use serde_json::Value;

use super::{id, time};

/// Nothing can be older: CloudTrail began in November 2013. A time that could not be read comes out as 1970.
const BEGINNING_SECS: i64 = 1_383_264_000;

pub(crate) fn page(
    events: Option<Vec<Event>>,
    next_token: Option<String>,
) -> Result<CloudPage<ObservedTrailEvent>, String> {
    let events = events.ok_or("it has no list of events")?;
    let before = events.len();
    let mut items = Vec::with_capacity(before);
    for event in events {
        items.extend(one(event)?);
    }
    if items.len() < before {
        tracing::warn!(dropped = before - items.len(), "CloudTrail sent events without an id");
    }
    Ok(CloudPage { items, next_token: next_token.filter(|token| !token.is_empty()) })
}

fn one(event: Event) -> Result<Option<ObservedTrailEvent>, String> {
    let (record, malformed) = match event.cloud_trail_event.as_deref().map(serde_json::from_str::<Value>) {
        Some(Ok(record @ Value::Object(_))) => (record, None),
        Some(Ok(_)) => (Value::Null, Some("the record is not an object".to_owned())),
        Some(Err(error)) => (Value::Null, Some(format!("the record is not JSON: {error}"))),
        None => (Value::Null, Some("there is no record".to_owned())),
    };
    let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(event_id) = id(event.event_id).or_else(|| id(text("eventID"))) else { return Ok(None) };
    let recorded = || DateTime::parse_from_rfc3339(record.get("eventTime")?.as_str()?).ok().map(DateTime::<Utc>::from);
    let at = time(event.event_time).filter(|at| at.timestamp() >= BEGINNING_SECS).or_else(recorded);
    let at = at.ok_or_else(|| format!("event {event_id} has no time that can be read"))?;
    let read_only = match event.read_only.as_deref() {
        Some(word) if word.eq_ignore_ascii_case("true") => Some(true),
        Some(word) if word.eq_ignore_ascii_case("false") => Some(false),
        _ => record.get("readOnly").and_then(Value::as_bool),
    };
    Ok(Some(ObservedTrailEvent {
        at,
        name: id(event.event_name).or_else(|| text("eventName")).unwrap_or_default(),
        source: id(event.event_source).or_else(|| text("eventSource")).unwrap_or_default(),
        read_only,
        username: id(event.username),
        resources: event.resources.unwrap_or_default().into_iter().map(resource).collect(),
        event_id,
        record,
        malformed,
    }))
}

fn resource(resource: Resource) -> TrailResource {
    TrailResource { kind: resource.resource_type.unwrap_or_default(), name: resource.resource_name.unwrap_or_default() }
}
