//! LookupEvents as CloudTrail answers it, and as it should not.

use chrono::{DateTime, Utc};
use domain::cloud::TrailResource;
use serde_json::{Value, json};

use super::fake::{Fake, Reply, quick};

const SOURCE: &str = "workspaces.amazonaws.com";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn span() -> (DateTime<Utc>, DateTime<Utc>) {
    (at("2026-11-01T00:00:00Z"), at("2026-11-02T00:00:00Z"))
}

async fn answer(body: Value) -> Fake {
    let body = body.to_string();
    Fake::start(move |_| Reply::new(200, body.clone())).await
}

#[tokio::test]
async fn events_come_with_record_and_resources() {
    let record = json!({"eventID": "e-1", "eventName": "StartWorkspaces", "readOnly": false, "errorCode": "X"});
    let fake = answer(json!({"NextToken": "n", "Events": [
        {"EventId": "e-1", "EventName": "StartWorkspaces", "ReadOnly": "false", "EventTime": 1793577600.5,
         "EventSource": SOURCE, "Username": "ada", "CloudTrailEvent": record.to_string(),
         "Resources": [{"ResourceType": "AWS::WorkSpaces::Workspace", "ResourceName": "ws-1"}, {"ResourceName": "d-1"}]},
        {"CloudTrailEvent": "{\"eventID\":\"e-2\",\"eventTime\":\"2026-11-01T07:00:00Z\",\"eventName\":\"Named\",\"readOnly\":true}"},
        {"EventId": "e-3", "EventTime": 1793577600, "CloudTrailEvent": "{\"eventID\":"},
        {"EventId": "e-4", "EventTime": 1793577600},
        {"EventName": "NoId", "EventTime": 1793577600},
    ]}))
    .await;
    let data = fake.data(quick()).await;
    let (from, to) = span();
    let page = data.trail_page(SOURCE, from, to, Some("token".to_owned())).await.unwrap();
    assert_eq!((page.items.len(), page.next_token.as_deref()), (4, Some("n")), "one without an id is dropped");
    let first = &page.items[0];
    assert_eq!(
        (first.event_id.as_str(), first.name.as_str(), first.read_only),
        ("e-1", "StartWorkspaces", Some(false))
    );
    assert_eq!((first.at, first.username.as_deref()), (at("2026-11-02T00:00:00.5Z"), Some("ada")));
    assert_eq!((&first.record, &first.malformed), (&record, &None));
    let resource = |kind: &str, name: &str| TrailResource { kind: kind.to_owned(), name: name.to_owned() };
    assert_eq!(first.resources, [resource("AWS::WorkSpaces::Workspace", "ws-1"), resource("", "d-1")]);
    let second = &page.items[1];
    assert_eq!((second.event_id.as_str(), second.name.as_str(), second.read_only), ("e-2", "Named", Some(true)));
    assert_eq!(second.at, at("2026-11-01T07:00:00Z"), "the record knows what the list forgot");
    assert!(page.items[2].malformed.as_deref().unwrap().contains("not JSON"));
    assert_eq!((&page.items[2].record, page.items[2].read_only), (&Value::Null, None));
    assert!(page.items[3].malformed.is_some());

    let seen = &fake.seen()[0];
    assert_eq!(
        (seen.operation.as_str(), seen.service.as_str(), seen.region.as_str()),
        ("LookupEvents", "cloudtrail", "eu-central-1")
    );
    let asked: Value = serde_json::from_str(&seen.body).unwrap();
    let attributes = json!([{"AttributeKey": "EventSource", "AttributeValue": SOURCE}]);
    assert_eq!((&asked["LookupAttributes"], &asked["MaxResults"]), (&attributes, &json!(50)));
    assert_eq!((asked["StartTime"].as_f64(), asked["EndTime"].as_f64()), (Some(1793491200.0), Some(1793577600.0)));
    assert_eq!(asked["NextToken"], "token");
}

#[tokio::test]
async fn a_time_that_cannot_be_read_is_malformed() {
    for event in [
        json!({"EventId": "e-1"}),
        json!({"EventId": "e-1", "EventTime": 0}),
        json!({"EventId": "e-1", "EventTime": "NaN"}),
    ] {
        let fake = answer(json!({"Events": [event]})).await;
        let (from, to) = span();
        let error = fake.data(quick()).await.trail_page(SOURCE, from, to, None).await.unwrap_err();
        assert_eq!((error.code(), error.operation()), ("malformed", "cloudtrail:LookupEvents"), "{event}: {error}");
    }
    for body in [json!({}), json!([]), json!({"Events": null})] {
        let (from, to) = span();
        let fake = answer(body).await;
        assert_eq!(fake.data(quick()).await.trail_page(SOURCE, from, to, None).await.unwrap_err().code(), "malformed");
    }
}

#[tokio::test]
async fn errors_have_their_types() {
    let message = "User: arn:aws:iam::1:user/u is not authorized to perform: cloudtrail:LookupEvents";
    for (status, code, kind) in [
        (400, "AccessDeniedException", "denied"),
        (400, "ThrottlingException", "throttled"),
        (400, "InvalidNextTokenException", "refused"),
        (400, "InvalidTimeRangeException", "refused"),
        (500, "InternalFailure", "unavailable"),
        (400, "UnknownOperationException", "unsupported"),
        (400, "UnrecognizedClientException", "unauthenticated"),
    ] {
        let fake = Fake::start(move |_| Reply::error(status, code, message)).await;
        let (from, to) = span();
        let error = fake.data(quick()).await.trail_page(SOURCE, from, to, None).await.unwrap_err();
        assert_eq!(error.code(), kind, "{code}: {error}");
    }
}
