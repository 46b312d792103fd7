//! CloudTrail: `LookupEvents`. The events are `crate::trail`'s.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, input, to_json};
use crate::{
    trail::record::Scene,
    wire::{error::ApiError, page::Position},
};

const DAY: i64 = 86_400;
/// How far back events can be looked up.
const DAYS_BACK: i64 = 90;
const ATTRIBUTES: &[&str] =
    &["AccessKeyId", "EventId", "EventName", "EventSource", "ReadOnly", "ResourceName", "ResourceType", "Username"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    #[serde(default)]
    lookup_attributes: Vec<Attribute>,
    start_time: Option<f64>,
    end_time: Option<f64>,
    event_category: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_key: String,
    attribute_value: String,
}

fn refuse(code: &'static str, message: &'static str) -> ApiError {
    ApiError::new(400, code, message)
}

/// A place in the list: the day and the event's number within it, in one number of a page token.
mod cursor {
    const BITS: u32 = 17;

    pub(super) fn pack(day: i64, index: usize) -> u32 {
        let index = u32::try_from(index).unwrap_or(u32::MAX).min((1 << BITS) - 1);
        (u32::try_from(day).unwrap_or(0) << BITS) | index
    }

    pub(super) fn unpack(cursor: u32) -> (i64, usize) {
        (i64::from(cursor >> BITS), (cursor & ((1 << BITS) - 1)) as usize)
    }
}

pub(super) fn lookup_events(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: Request = input::read(call.body)?;
    let size = match request.max_results {
        None => 50,
        Some(size @ 1..=50) => size as usize,
        Some(_) => return Err(refuse("InvalidMaxResultsException", "MaxResults must be between 1 and 50.")),
    };
    if request.event_category.as_deref().is_some_and(|category| category != "insight") {
        return Err(refuse("InvalidEventCategoryException", "The event category is not valid."));
    }
    let attribute = match &request.lookup_attributes[..] {
        [] => None,
        [one] if one.attribute_value.is_empty() || !ATTRIBUTES.contains(&one.attribute_key.as_str()) => {
            return Err(refuse("InvalidLookupAttributesException", "The lookup attribute is not valid."));
        }
        [one] => Some(one),
        _ => {
            return Err(refuse("InvalidLookupAttributesException", "You can use only one lookup attribute at a time."));
        }
    };
    let simulator = call.simulator;
    let delay = i64::try_from(simulator.0.options.trail_delay.as_secs()).unwrap_or(i64::MAX / 4);
    let now = simulator.now().timestamp();
    let seconds = |time: Option<f64>| time.map(|time| time.floor() as i64);
    let start = seconds(request.start_time).unwrap_or(i64::MIN);
    let end = seconds(request.end_time).unwrap_or(i64::MAX);
    if start > end {
        return Err(refuse("InvalidTimeRangeException", "The start time is after the end time."));
    }

    let filters = format!("{attribute:?}|{:?}|{:?}|{:?}", request.start_time, request.end_time, request.event_category);
    let pager = call.pager("LookupEvents", &filters);
    let position = match &request.next_token {
        None => None,
        Some(token) => Some(pager.position(token).ok_or_else(|| {
            refuse(
                "InvalidNextTokenException",
                "The next token is not valid, or was used before with other parameters.",
            )
        })?),
    };
    if request.event_category.is_some() {
        // Nobody has ordered insights.
        return to_json(&json!({ "Events": [] }));
    }

    let (account, region) = (call.caller.account.as_str(), call.caller.region.as_str());
    let first = start.max(now - DAYS_BACK * DAY);
    let last = end.min(now - delay);
    let trail = &simulator.0.trail;
    let subjects = trail.subjects(simulator, account, region);
    let scene = Scene { seed: simulator.0.options.seed, account, region, subjects: &subjects };
    let (mut day, mut below) = match position {
        None => (last.div_euclid(DAY), usize::MAX),
        Some(position) => cursor::unpack(position.after),
    };
    let mut events: Vec<Value> = Vec::with_capacity(size);
    let mut given = 0;
    let mut next_token = None;
    'days: while day >= first.div_euclid(DAY) {
        let entries = trail.day(simulator, account, region, day);
        for (index, entry) in entries.iter().enumerate().take(below).rev() {
            let at = entry.at_ms().div_euclid(1_000);
            let wanted = (first..=last).contains(&at)
                && attribute.is_none_or(|wanted| scene.has(entry, &wanted.attribute_key, &wanted.attribute_value));
            if !wanted {
                continue;
            }
            if events.len() == size {
                let page = position.map_or(1, |position| position.page) + 1;
                next_token = Some(pager.token(Position { after: given, page }));
                break 'days;
            }
            events.push(scene.event(entry));
            given = cursor::pack(day, index);
        }
        (day, below) = (day - 1, usize::MAX);
    }
    if call.garbage {
        for record in events.iter_mut().step_by(7).map(|event| &mut event["CloudTrailEvent"]) {
            *record = record.as_str().map(|text| text.chars().take(99).collect::<String>()).into();
        }
    }
    let mut body = json!({ "Events": events });
    if let Some(token) = next_token {
        body["NextToken"] = json!(token);
    }
    to_json(&body)
}
