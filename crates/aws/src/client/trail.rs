//! CloudTrail: the events of one source. LookupEvents takes one attribute, so each source is asked for by itself.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use chrono::{DateTime, Utc};
use domain::cloud::{CloudError, CloudPage, ObservedTrailEvent};

use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const LOOKUP_EVENTS: Operation = Operation::read("cloudtrail:LookupEvents");

/// The most events of one page.
const PAGE: i32 = 50;

pub(crate) async fn page(
    caller: &Caller,
    client: &Client,
    source: &str,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    next_token: Option<String>,
) -> Result<CloudPage<ObservedTrailEvent>, CloudError> {
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::EventSource)
        .attribute_value(source)
        .build()
        .map_err(|error| CloudError::Refused {
            operation: LOOKUP_EVENTS.action.to_owned(),
            code: "InvalidRequest".to_owned(),
            reason: error.to_string(),
        })?;
    let send = || {
        client
            .lookup_events()
            .lookup_attributes(attribute.clone())
            .start_time(sdk_time(from))
            .end_time(sdk_time(to))
            .max_results(PAGE)
            .set_next_token(next_token.clone())
            .send()
    };
    caller.call(&LOOKUP_EVENTS, send, |output| map::trail::page(output.events, output.next_token)).await
}

fn sdk_time(at: DateTime<Utc>) -> aws_smithy_types::DateTime {
    // `timestamp_subsec_nanos` is above a second within a leap second.
    aws_smithy_types::DateTime::from_secs_and_nanos(at.timestamp(), at.timestamp_subsec_nanos().min(999_999_999))
}
