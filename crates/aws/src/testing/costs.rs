//! GetCostAndUsage as Cost Explorer answers it, and as it should not.

use domain::cloud::{CostGrouping, CostRequest, ObservedCost};
use serde_json::{Value, json};

use super::fake::{Fake, Reply, quick};

fn request(grouping: CostGrouping) -> CostRequest {
    CostRequest { from: "2026-11-01".parse().unwrap(), to: "2026-11-03".parse().unwrap(), grouping }
}

fn group(keys: &Value, amount: &str, quantity: &str) -> Value {
    json!({"Keys": keys, "Metrics": {
        "UnblendedCost": {"Amount": amount, "Unit": "USD"}, "UsageQuantity": {"Amount": quantity, "Unit": "Hours"}}})
}

fn day(start: &str, groups: &Value) -> Value {
    json!({"TimePeriod": {"Start": start, "End": "2026-11-03"}, "Total": {}, "Groups": groups, "Estimated": start.ends_with('2')})
}

async fn answer(body: Value) -> Fake {
    let body = body.to_string();
    Fake::start(move |_| Reply::new(200, body.clone())).await
}

#[tokio::test]
async fn rows_have_exact_amounts_and_two_keys() {
    let fake = answer(json!({"NextPageToken": "p2", "ResultsByTime": [
        day("2026-11-01", &json!([group(&json!(["AW-HW-2", "eu-central-1"]), "1.1666666667", "0.0333333333")])),
        day("2026-11-02", &json!([group(&json!(["AW-HW-2-AutoStop-Usage", ""]), "-3.2E-7", "12")])),
        day("2026-11-03", &json!([])),
    ]}))
    .await;
    let data = fake.data(quick()).await;
    let page = data.cost_page(&request(CostGrouping::UsageType), Some("p1".to_owned())).await.unwrap();
    assert_eq!(page.next_token.as_deref(), Some("p2"));
    let expected = ObservedCost {
        day: "2026-11-01".parse().unwrap(),
        keys: vec!["AW-HW-2".to_owned(), "eu-central-1".to_owned()],
        amount: "1.1666666667".parse().unwrap(),
        currency: "USD".to_owned(),
        quantity: "0.0333333333".parse().unwrap(),
        unit: "Hours".to_owned(),
        estimated: false,
    };
    assert_eq!((page.items.len(), &page.items[0]), (2, &expected));
    assert_eq!((page.items[1].amount, page.items[1].estimated), ("-0.00000032".parse().unwrap(), true));

    let seen = &fake.seen()[0];
    assert_eq!((seen.service.as_str(), seen.region.as_str()), ("ce", "us-east-1"), "whatever the region");
    let asked: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(asked["TimePeriod"], json!({"Start": "2026-11-01", "End": "2026-11-03"}));
    assert_eq!(
        (&asked["Granularity"], &asked["Metrics"]),
        (&json!("DAILY"), &json!(["UnblendedCost", "UsageQuantity"]))
    );
    assert_eq!(asked["Filter"]["Dimensions"], json!({"Key": "SERVICE", "Values": ["Amazon WorkSpaces"]}));
    assert_eq!(
        asked["GroupBy"],
        json!([{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "DIMENSION", "Key": "REGION"}])
    );
    assert_eq!(asked["NextPageToken"], "p1");
}

#[tokio::test]
async fn a_tag_group_has_the_value_alone() {
    let groups = json!([group(&json!(["team$it$self"]), "1", "1"), group(&json!(["team$"]), "2", "2")]);
    let fake = answer(json!({"ResultsByTime": [day("2026-11-01", &groups)]})).await;
    let data = fake.data(quick()).await;
    let page = data.cost_page(&request(CostGrouping::Tag("team".to_owned())), None).await.unwrap();
    let keys: Vec<_> = page.items.iter().map(|row| row.keys.join("|")).collect();
    assert_eq!((keys, page.next_token), (vec!["it$self".to_owned(), String::new()], None));
    let asked: Value = serde_json::from_str(&fake.seen()[0].body).unwrap();
    assert_eq!(asked["GroupBy"], json!([{"Type": "TAG", "Key": "team"}]));
    let none = CostRequest { to: "2026-11-01".parse().unwrap(), ..request(CostGrouping::UsageType) };
    assert!(data.cost_page(&none, None).await.unwrap().items.is_empty(), "nothing is asked about no day");
    assert_eq!(data.calls(), 1);
}

#[tokio::test]
async fn money_is_never_guessed() {
    let keys = || json!(["AW-HW-2", "eu-central-1"]);
    let one = |start: &str, group: Value| json!({"ResultsByTime": [day(start, &json!([group]))]});
    for (body, what) in [
        (one("2026-11-01", group(&keys(), "NaN", "1")), "UnblendedCost of 2026-11-01 is not a number: \"NaN\""),
        (one("2026-11-01", group(&keys(), "1,5", "1")), "not a number"),
        (one("2026-11-01", group(&keys(), "1", "")), "UsageQuantity of 2026-11-01 is not a number"),
        (one("2026-13-01", group(&keys(), "1", "1")), "\"2026-13-01\" is not a day"),
        (one("2026-11-01", group(&json!(["AW-HW-2"]), "1", "1")), "has the keys"),
        (one("2026-11-01", json!({"Keys": keys(), "Metrics": {}})), "no UnblendedCost"),
        (json!({"ResultsByTime": [{"Groups": []}]}), "without its date"),
        (json!({}), "no list of days"),
    ] {
        let fake = answer(body).await;
        let error = fake.data(quick()).await.cost_page(&request(CostGrouping::UsageType), None).await.unwrap_err();
        assert_eq!((error.code(), error.operation()), ("malformed", "ce:GetCostAndUsage"));
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[tokio::test]
async fn errors_have_their_types() {
    let message = "User: arn:aws:iam::1:user/u is not authorized to perform: ce:GetCostAndUsage on resource: x";
    for (status, code, kind) in [
        (400, "AccessDeniedException", "denied"),
        (400, "LimitExceededException", "throttled"),
        (400, "DataUnavailableException", "refused"),
        (400, "InvalidNextTokenException", "refused"),
        (500, "InternalFailure", "unavailable"),
        (400, "ExpiredTokenException", "unauthenticated"),
    ] {
        let fake = Fake::start(move |_| Reply::error(status, code, message)).await;
        let data = fake.data(quick()).await;
        let error = data.cost_page(&request(CostGrouping::UsageType), None).await.unwrap_err();
        assert_eq!(error.code(), kind, "{code}: {error}");
        assert_eq!(data.calls(), fake.hits() as u64, "each request is counted, for each is charged");
    }
}
