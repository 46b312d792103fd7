//! GetMetricData over RPC v2 CBOR, as CloudWatch answers it, and as it should not.

use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use domain::cloud::{Metric, MetricQuery, MetricRequest, MetricSeries, Statistic};
use serde_json::{Value, json};

use super::fake::{Fake, Reply, quick};

/// JSON in CBOR: `{"$time": seconds}` becomes a timestamp, `"$NaN"` the number that is none, every number a double.
fn cbor(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder, value);
    encoder.into_writer()
}

fn ignore(_: &mut Encoder) {}

fn write(encoder: &mut Encoder, value: &Value) {
    match value {
        Value::Null => ignore(encoder.null()),
        Value::Bool(yes) => ignore(encoder.boolean(*yes)),
        Value::Number(number) => ignore(encoder.double(number.as_f64().unwrap())),
        Value::String(text) if text == "$NaN" => ignore(encoder.double(f64::NAN)),
        Value::String(text) => ignore(encoder.str(text)),
        Value::Array(items) => {
            encoder.array(items.len());
            items.iter().for_each(|item| write(encoder, item));
        }
        Value::Object(fields) => match fields.get("$time") {
            // What the SDK makes of a time that is no number.
            Some(Value::String(_)) => ignore(encoder.timestamp(&DateTime::from_secs_f64(f64::NAN))),
            Some(at) => ignore(encoder.timestamp(&DateTime::from_secs(at.as_i64().unwrap()))),
            None => {
                encoder.map(fields.len());
                for (name, item) in fields {
                    encoder.str(name);
                    write(encoder, item);
                }
            }
        },
    }
}

fn reply(status: u16, value: &Value) -> Reply {
    Reply::new(status, cbor(value)).header("smithy-protocol", "rpc-v2-cbor").header("content-type", "application/cbor")
}

fn times(seconds: &[i64]) -> Value {
    seconds.iter().map(|at| json!({"$time": at})).collect()
}

/// 2026-11-02, 00:00 UTC.
const DAY: i64 = 1_793_577_600;

fn request(queries: usize) -> MetricRequest {
    let query = |index: usize| MetricQuery {
        aws_id: format!("ws-{index:09}"),
        metric: Metric::UserConnected,
        statistic: Statistic::Maximum,
    };
    let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    MetricRequest { queries: (0..queries).map(query).collect(), from: at(DAY), to: at(DAY + 86_400), period_secs: 300 }
}

fn series(query: usize, timestamps: &[i64], values: &[f64], complete: bool) -> MetricSeries {
    MetricSeries { query, timestamps: timestamps.to_vec(), values: values.to_vec(), complete }
}

#[tokio::test]
async fn series_come_back_by_their_place_over_pages() {
    let fake = Fake::start(|seen| match seen.before {
        0 => reply(
            200,
            &json!({"NextToken": "more", "MetricDataResults": [
                {"Id": "q1", "Label": "x", "Timestamps": times(&[DAY, DAY + 300]), "Values": [1, 0.5], "StatusCode": "PartialData"},
                {"Id": "q0", "Label": "x", "Timestamps": [], "Values": [], "StatusCode": "Complete"},
            ]}),
        ),
        _ => reply(
            200,
            &json!({"MetricDataResults": [
                {"Id": "q1", "Timestamps": times(&[DAY + 600]), "Values": [0], "StatusCode": "Complete"},
            ]}),
        ),
    })
    .await;
    let data = fake.data(quick()).await;
    let first = data.metric_page(&request(2), None).await.unwrap();
    assert_eq!(first.next_token.as_deref(), Some("more"));
    assert_eq!(first.items, [series(1, &[DAY, DAY + 300], &[1.0, 0.5], true), series(0, &[], &[], true)]);
    let second = data.metric_page(&request(2), first.next_token).await.unwrap();
    assert_eq!((second.items, second.next_token), (vec![series(1, &[DAY + 600], &[0.0], true)], None));
    assert_eq!(data.calls(), 2);

    let seen = fake.seen();
    assert_eq!((seen[0].operation.as_str(), seen[0].service.as_str()), ("GetMetricData", "monitoring"));
    assert_eq!(seen[0].region, "eu-central-1");
    assert_eq!(seen[0].headers["smithy-protocol"], "rpc-v2-cbor");
    for part in ["AWS/WorkSpaces", "WorkspaceId", "ws-000000001", "UserConnected", "Maximum", "TimestampAscending"] {
        assert!(seen[0].body.contains(part), "{part} in {}", seen[0].body);
    }
    // An unsigned number of four bytes after its name: 100,800.
    let limit = b"MaxDatapoints\x1a\x00\x01\x89\xc0";
    assert!(seen[0].bytes.windows(limit.len()).any(|window| window == limit), "{:?}", seen[0].body);
    assert!(seen[1].body.contains("more"));
}

#[tokio::test]
async fn a_series_says_when_something_is_missing() {
    let fake = Fake::start(|_| {
        let result = |id: &str, status: &str, message: Option<&str>, value: Value| {
            let messages: Vec<Value> = message.iter().map(|code| json!({"Code": code, "Value": "x"})).collect();
            json!({"Id": id, "Timestamps": times(&[DAY]), "Values": [value], "StatusCode": status, "Messages": messages})
        };
        reply(
            200,
            &json!({"MetricDataResults": [
                result("q0", "InternalError", None, json!(1)),
                result("q1", "Forbidden", None, json!(1)),
                result("q2", "PartialData", None, json!(1)),
                result("q3", "Complete", Some("PartialData"), json!(1)),
                result("q4", "Sleepy", None, json!(1)),
                result("q5", "Complete", None, json!("$NaN")),
                result("q6", "Complete", None, json!(1)),
            ]}),
        )
    })
    .await;
    let page = fake.data(quick()).await.metric_page(&request(7), None).await.unwrap();
    let complete: Vec<bool> = page.items.iter().map(|series| series.complete).collect();
    assert_eq!(complete, [false, false, false, false, false, false, true]);
    assert_eq!((page.items[4].values.len(), page.items[5].values.len()), (1, 0), "a value that is none is left out");
}

#[tokio::test]
async fn a_message_about_the_whole_answer_makes_all_of_it_partial() {
    let fake = Fake::start(|_| {
        reply(
            200,
            &json!({"Messages": [{"Code": "MaxMetricsExceeded", "Value": "too many"}],
                "MetricDataResults": [{"Id": "q0", "Timestamps": [], "Values": [], "StatusCode": "Complete"}]}),
        )
    })
    .await;
    let page = fake.data(quick()).await.metric_page(&request(1), None).await.unwrap();
    assert_eq!(page.items, [series(0, &[], &[], false)]);
}

#[tokio::test]
async fn answers_that_cannot_be_right_are_malformed() {
    let one = |id: &str, at: Value, values: Value| json!({"MetricDataResults": [{"Id": id, "Timestamps": at, "Values": values, "StatusCode": "Complete"}]});
    for (answer, what) in [
        (one("q0", times(&[DAY]), json!([])), "1 times and 0 values"),
        (one("q9", times(&[]), json!([])), "nobody asked"),
        (one("", times(&[]), json!([])), "nobody asked"),
        (one("q0", json!([{"$time": "NaN"}]), json!([1])), "outside of what was asked"),
        (one("q0", times(&[DAY - 90_000]), json!([1])), "outside of what was asked"),
        (one("q0", times(&[DAY + 90_000]), json!([1])), "outside of what was asked"),
        (json!({}), "no list of metric data"),
    ] {
        let fake = Fake::start(move |_| reply(200, &answer)).await;
        let error = fake.data(quick()).await.metric_page(&request(1), None).await.unwrap_err();
        assert_eq!((error.code(), error.operation()), ("malformed", "cloudwatch:GetMetricData"));
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(fake.hits(), 3, "a read is repeated");
    }
    for body in ["", "\u{fffd}", "{\"MetricDataResults\":[]}"] {
        let fake = Fake::start(move |_| Reply::new(200, body).header("smithy-protocol", "rpc-v2-cbor")).await;
        let error = fake.data(quick()).await.metric_page(&request(1), None).await.unwrap_err();
        assert_eq!(error.code(), "malformed", "{body:?}: {error}");
    }
}

#[tokio::test]
async fn errors_in_cbor_have_their_types() {
    let message = "User: arn:aws:iam::1:user/u is not authorized to perform: cloudwatch:GetMetricData";
    for (status, code, kind) in [
        (400, "com.amazonaws.cloudwatch#AccessDenied", "denied"),
        (403, "AccessDeniedException", "denied"),
        (400, "ThrottlingException", "throttled"),
        (400, "LimitExceededException", "throttled"),
        (400, "InvalidParameterCombinationException", "refused"),
        (403, "ExpiredTokenException", "unauthenticated"),
        (500, "InternalServiceFault", "unavailable"),
    ] {
        let fake = Fake::start(move |_| reply(status, &json!({"__type": code, "message": message}))).await;
        let error = fake.data(quick()).await.metric_page(&request(1), None).await.unwrap_err();
        assert_eq!(error.code(), kind, "{code}: {error}");
        if kind == "denied" {
            assert!(error.to_string().ends_with("permission cloudwatch:GetMetricData"), "{error}");
        }
    }
    // An emulator that speaks another protocol does not know the path.
    let fake = Fake::start(|_| Reply::new(404, "not found")).await;
    assert_eq!(fake.data(quick()).await.metric_page(&request(1), None).await.unwrap_err().code(), "unsupported");
}

#[tokio::test]
async fn what_cloudwatch_would_refuse_is_not_sent() {
    let fake = Fake::start(|_| Reply::new(500, "")).await;
    let data = fake.data(quick()).await;
    assert_eq!(data.metric_page(&request(501), None).await.unwrap_err().code(), "refused");
    assert!(data.metric_page(&request(0), None).await.unwrap().items.is_empty());
    let backwards = MetricRequest { to: request(1).from, ..request(1) };
    assert!(data.metric_page(&backwards, None).await.unwrap().items.is_empty());
    assert_eq!((data.calls(), fake.hits()), (0, 0));
}
