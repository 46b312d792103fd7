//! CloudWatch as its clients ask it: three protocols, limits, pages, retention, faults, and the ledger that it agrees with.

use std::collections::HashMap;

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use http_body_util::BodyExt as _;
use minicbor::{Encoder, data::IanaTag};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Client, still, wednesday};
use crate::Simulator;

const TARGET: &str = "GraniteServiceVersion20100801";
const DAY: i64 = 86_400;

fn alive(workspaces: usize) -> Simulator {
    let mut options = still(workspaces);
    options.alive = true;
    options.regions.truncate(1);
    Simulator::new(options)
}

fn query(id: &str, workspace: &str, metric: &str, period: i64, stat: &str) -> Value {
    json!({ "Id": id, "MetricStat": {
        "Metric": { "Namespace": "AWS/WorkSpaces", "MetricName": metric,
                    "Dimensions": [{ "Name": "WorkspaceId", "Value": workspace }] },
        "Period": period, "Stat": stat } })
}

fn request(queries: &[Value], start: i64, end: i64) -> Value {
    json!({ "MetricDataQueries": queries, "StartTime": start, "EndTime": end, "ScanBy": "TimestampAscending" })
}

async fn ask(client: &Client, operation: &str, body: &Value) -> super::Answer {
    client.target(&format!("{TARGET}.{operation}"), body.to_string()).await
}

/// All pages; the points by id.
async fn all(client: &Client, mut body: Value) -> (HashMap<String, Vec<(i64, f64)>>, usize) {
    let (mut points, mut pages): (HashMap<String, Vec<(i64, f64)>>, _) = (HashMap::new(), 0);
    loop {
        let answer = ask(client, "GetMetricData", &body).await.good();
        pages += 1;
        let mut count = 0;
        for result in answer["MetricDataResults"].as_array().unwrap() {
            let column = |name: &str| result[name].as_array().unwrap().clone();
            let rows = column("Timestamps").into_iter().zip(column("Values"));
            let rows: Vec<_> = rows.map(|(at, value)| (at.as_i64().unwrap(), value.as_f64().unwrap())).collect();
            count += rows.len();
            points.entry(result["Id"].as_str().unwrap().to_owned()).or_default().extend(rows);
        }
        assert!(count <= 100_800);
        if answer["NextToken"].is_null() {
            return (points, pages);
        }
        body["NextToken"] = answer["NextToken"].clone();
    }
}

async fn ids(client: &Client) -> Vec<String> {
    client.rows().await.iter().map(|row| row["WorkspaceId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn points_agree_with_the_ledger_and_with_connection_status() {
    let simulator = alive(60);
    let client = Client::new(&simulator);
    // To the end of January: then the whole month is known.
    simulator.advance(TimeDelta::days(20));
    let (from, to) = (1_767_225_600, 1_769_904_000);
    let ledger = client.control("GET", "ledger?month=2026-01", json!(null)).await.good();
    let mut total = 0;
    for line in ledger["workspaces"].as_array().unwrap() {
        let id = line["workspace_id"].as_str().unwrap();
        let body = request(&[query("c", id, "UserConnected", 300, "Maximum")], from, to);
        let points = all(&client, body).await.0.remove("c").unwrap_or_default();
        let connected: Vec<i64> = points.iter().filter(|(_, value)| *value >= 1.0).map(|(at, _)| *at).collect();
        let figures = &line["figures"];
        assert_eq!(figures["connected_slots"], connected.len(), "{id}");
        let mut hours: Vec<i64> = connected.iter().map(|at| at / 3_600).collect();
        hours.dedup();
        assert_eq!(figures["connected_hours"], hours.len(), "{id}");
        let hourly = request(&[query("h", id, "UserConnected", 3_600, "Maximum")], from, to);
        let hourly = all(&client, hourly).await.0.remove("h").unwrap_or_default();
        assert_eq!(hourly.iter().filter(|(_, value)| *value >= 1.0).count(), hours.len());
        total += connected.len();
    }
    assert_eq!(ledger["totals"]["connected_slots"], total);
    assert!(total > 20_000, "{total}");
    assert!(ledger["totals"]["billed_hours"].as_i64().unwrap() > 1_000);
    let refused = client.control("GET", "ledger?month=January", json!(null)).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn loads_are_measured_while_the_desktop_runs_and_states_always() {
    let simulator = alive(60);
    let client = Client::new(&simulator);
    let (from, to) = (wednesday().timestamp() - 2 * DAY, wednesday().timestamp());
    let metrics =
        ["Available", "Stopped", "CPUUsage", "UpTime", "RootVolumeDiskUsage", "UserConnected", "InSessionLatency"];
    let mut stopped_sometimes = 0;
    for id in ids(&client).await.iter().take(20) {
        let queries: Vec<Value> =
            metrics.iter().map(|metric| query(&metric.to_lowercase(), id, metric, 300, "Average")).collect();
        let points = all(&client, request(&queries, from, to)).await.0;
        let on = |metric: &str| points[metric].iter().filter(|(_, value)| *value == 1.0).count();
        assert_eq!(points["available"].len(), 576, "two days");
        assert!(on("available") + on("stopped") <= 576 + 4, "one at a time, but where it changes");
        assert!(points["cpuusage"].len() >= on("available"));
        assert!(points["cpuusage"].iter().all(|(_, percent)| (0.0..=100.0).contains(percent)));
        assert!(points["rootvolumediskusage"].windows(2).all(|pair| pair[0].1 <= pair[1].1), "disks fill");
        assert_eq!(points["insessionlatency"].len(), on("userconnected"));
        assert!(on("userconnected") <= points["uptime"].len());
        stopped_sometimes += usize::from(on("stopped") > 0);
    }
    assert!(stopped_sometimes > 5, "{stopped_sometimes}");
}

#[tokio::test]
async fn a_full_request_is_one_page_and_a_larger_one_is_paged_without_loss() {
    let simulator = alive(40);
    let client = Client::new(&simulator);
    let ids = ids(&client).await;
    let (to, slots) = (wednesday().timestamp() - 3_600, 201);
    let queries: Vec<Value> = (0..500)
        .map(|n| query(&format!("q{n}"), &ids[n % 40], ["UserConnected", "Available"][n / 40 % 2], 300, "Maximum"))
        .collect();
    let body = request(&queries, to - slots * 300, to);
    let (points, pages) = all(&client, body.clone()).await;
    assert_eq!((points.len(), pages), (500, 1));
    assert!(points.values().all(|rows| rows.len() <= 201));

    let mut small = body.clone();
    small["MaxDatapoints"] = json!(1_000);
    let (again, pages) = all(&client, small).await;
    assert_eq!(points, again);
    assert!(pages >= 90, "{pages}");

    let mut descending = body;
    descending["ScanBy"] = json!("TimestampDescending");
    descending["MaxDatapoints"] = json!(7_777);
    let (backwards, _) = all(&client, descending).await;
    for (id, mut rows) in backwards {
        rows.reverse();
        assert_eq!(rows, points[&id]);
    }
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let simulator = alive(20);
    let client = Client::new(&simulator);
    let id = ids(&client).await.remove(0);
    let good = query("a", &id, "UserConnected", 300, "Maximum");
    let (from, to) = (wednesday().timestamp() - DAY, wednesday().timestamp());
    let many: Vec<Value> = (0..501).map(|n| query(&format!("q{n}"), &id, "UserConnected", 300, "Maximum")).collect();
    let with = |member: &str, value: Value| {
        let mut body = request(std::slice::from_ref(&good), from, to);
        body[member] = value;
        body
    };
    for (body, code) in [
        (request(&many, from, to), "ValidationError"),
        (request(&[], from, to), "ValidationError"),
        (request(&[good.clone(), good.clone()], from, to), "ValidationError"),
        (request(std::slice::from_ref(&good), to, from), "ValidationError"),
        (request(&[query("A", &id, "UserConnected", 300, "Maximum")], from, to), "ValidationError"),
        (request(&[query("a", &id, "UserConnected", 299, "Maximum")], from, to), "ValidationError"),
        (request(&[query("a", &id, "UserConnected", 300, "Most")], from, to), "ValidationError"),
        (with("MaxDatapoints", json!(100_801)), "ValidationError"),
        (with("NextToken", json!("made up")), "InvalidNextToken"),
        (with("StartTime", json!([])), "SerializationException"),
    ] {
        let answer = ask(&client, "GetMetricData", &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{body}");
    }
    let nothing =
        [query("a", &id, "Nonsense", 300, "Maximum"), query("b", "ws-000000000", "UserConnected", 300, "Maximum")];
    let answer = ask(&client, "GetMetricData", &request(&nothing, from, to)).await.good();
    for result in answer["MetricDataResults"].as_array().unwrap() {
        assert_eq!((&result["Values"], &result["StatusCode"]), (&json!([]), &json!("Complete")));
    }
    let long = json!({ "Namespace": "AWS/WorkSpaces", "MetricName": "UserConnected", "StartTime": to - 6 * DAY,
                       "EndTime": to, "Period": 300, "Statistics": ["Maximum"] });
    assert_eq!(ask(&client, "GetMetricStatistics", &long).await.code(), "InvalidParameterCombinationException");
}

#[tokio::test]
async fn cloudwatch_forgets() {
    let simulator = alive(200);
    let client = Client::new(&simulator);
    simulator.advance(TimeDelta::days(30));
    let now = simulator.now().timestamp();
    let ledger = client.control("GET", "ledger?month=2025-02", json!(null)).await.good();
    let old = ledger["workspaces"].as_array().unwrap().iter().find(|line| line["terminated_at"].is_null()).unwrap();
    let id = old["workspace_id"].as_str().unwrap();
    for (period, days) in [(60, 15), (300, 63), (3_600, 380)] {
        let body = request(&[query("a", id, "Available", period, "Maximum")], now - 380 * DAY, now);
        let points = all(&client, body).await.0.remove("a").unwrap();
        let oldest = (now - points[0].0) / DAY;
        assert!((days - 31..=days).contains(&oldest), "{period}: {oldest} days");
        assert!(points.windows(2).all(|pair| pair[1].0 - pair[0].0 == period.max(300)));
    }
    let day = request(&[query("a", id, "Available", 86_400, "SampleCount")], now - 40 * DAY, now);
    let points = all(&client, day).await.0.remove("a").unwrap();
    assert!(points[1..30].iter().all(|(at, count)| at % DAY == 0 && *count == 288.0));
}

/// A request in CBOR as the Rust SDK writes it.
fn cbor(id: &str, start: i64, end: i64) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    out.begin_map().unwrap().str("MetricDataQueries").unwrap().array(1).unwrap();
    out.begin_map().unwrap().str("Id").unwrap().str("a").unwrap();
    out.str("MetricStat").unwrap().begin_map().unwrap().str("Metric").unwrap().begin_map().unwrap();
    out.str("Namespace").unwrap().str("AWS/WorkSpaces").unwrap();
    out.str("MetricName").unwrap().str("UserConnected").unwrap();
    out.str("Dimensions").unwrap().array(1).unwrap().begin_map().unwrap();
    out.str("Name").unwrap().str("WorkspaceId").unwrap().str("Value").unwrap().str(id).unwrap();
    out.end().unwrap().end().unwrap();
    out.str("Period").unwrap().i32(300).unwrap().str("Stat").unwrap().str("Maximum").unwrap().end().unwrap();
    out.end().unwrap();
    out.str("StartTime").unwrap().tag(IanaTag::Timestamp).unwrap().f64(start as f64).unwrap();
    out.str("EndTime").unwrap().tag(IanaTag::Timestamp).unwrap().i64(end).unwrap();
    out.str("ScanBy").unwrap().str("TimestampAscending").unwrap().end().unwrap();
    out.into_writer()
}

#[tokio::test]
async fn three_protocols_say_the_same() {
    let simulator = alive(40);
    let client = Client::new(&simulator);
    let id = client.find("AVAILABLE", "AUTO_STOP", 1).await.remove(0);
    let to = wednesday().timestamp();
    let from = to - 3 * 3_600;
    let body = request(&[query("a", &id, "UserConnected", 300, "Maximum")], from, to);
    let json = ask(&client, "GetMetricData", &body).await.good()["MetricDataResults"][0].clone();
    let wanted: Vec<f64> = json["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    assert_eq!(wanted.len(), 36);

    let send = async |path: &str, body: Vec<u8>| {
        let request = Request::post(path)
            .header("smithy-protocol", "rpc-v2-cbor")
            .header("content-type", "application/cbor")
            .header("authorization", client.authorization());
        let response = simulator.router().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
        assert_eq!(response.headers()["content-type"], "application/cbor");
        let status = response.status().as_u16();
        let query_error = response.headers().get("x-amzn-query-error").map(|v| v.to_str().unwrap().to_owned());
        (status, query_error, response.into_body().collect().await.unwrap().to_bytes())
    };
    let path = format!("/service/{TARGET}/operation/GetMetricData");
    let (status, _, answer) = send(&path, cbor(&id, from, to)).await;
    assert_eq!(status, 200);
    let mut read = minicbor::Decoder::new(&answer);
    assert_eq!((read.map().unwrap(), read.str().unwrap()), (Some(2), "MetricDataResults"));
    assert_eq!((read.array().unwrap(), read.map().unwrap()), (Some(1), Some(5)));
    for (name, value) in [("Id", "a"), ("Label", "UserConnected")] {
        assert_eq!((read.str().unwrap(), read.str().unwrap()), (name, value));
    }
    assert_eq!((read.str().unwrap(), read.array().unwrap()), ("Timestamps", Some(36)));
    for at in json["Timestamps"].as_array().unwrap() {
        assert_eq!(read.tag().unwrap(), IanaTag::Timestamp);
        assert_eq!(read.i64().unwrap(), at.as_i64().unwrap());
    }
    assert_eq!(read.str().unwrap(), "Values");
    assert_eq!(read.decode::<Vec<f64>>().unwrap(), wanted);
    let (status, error, _) = send(&path, cbor(&id, to, from)).await;
    assert_eq!((status, error.as_deref()), (400, Some("ValidationError;Sender")));
    let (status, error, _) = send(&path, vec![0xff, 0x00]).await;
    assert_eq!((status, error.as_deref()), (400, Some("Serialization;Sender")));
    assert_eq!(send("/service/Nothing/operation/GetMetricData", Vec::new()).await.0, 400);

    let form = format!(
        "Action=GetMetricData&Version=2010-08-01&MetricDataQueries.member.1.Id=a&\
         MetricDataQueries.member.1.MetricStat.Metric.Namespace=AWS%2FWorkSpaces&\
         MetricDataQueries.member.1.MetricStat.Metric.MetricName=UserConnected&\
         MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=WorkspaceId&\
         MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value={id}&\
         MetricDataQueries.member.1.MetricStat.Period=300&MetricDataQueries.member.1.MetricStat.Stat=Maximum&\
         StartTime=2026-01-14T12%3A00%3A00Z&EndTime=2026-01-14T15%3A00%3A00Z&ScanBy=TimestampAscending"
    );
    let answer = client.form(&form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let values = answer.text.split("<Values>").nth(1).unwrap().split("</Values>").next().unwrap();
    let values: Vec<f64> =
        values.split("<member>").skip(1).map(|part| part.trim_end_matches("</member>").parse().unwrap()).collect();
    assert_eq!(values, wanted);
    assert!(answer.text.contains("<Timestamps><member>2026-01-14T12:00:00Z</member>"), "{}", answer.text);
    let refused = client.form(&form.replace("Period=300", "Period=7")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("http://monitoring.amazonaws.com/doc/2010-08-01/"), "{}", refused.text);
    assert!(refused.text.contains("<Code>ValidationError</Code>"), "{}", refused.text);
}

#[tokio::test]
async fn statistics_and_the_list_are_of_the_same_points() {
    let simulator = alive(60);
    let client = Client::new(&simulator);
    let id = client.find("AVAILABLE", "ALWAYS_ON", 1).await.remove(0);
    let to = wednesday().timestamp();
    let wanted = json!({
        "Namespace": "AWS/WorkSpaces", "MetricName": "CPUUsage",
        "Dimensions": [{ "Name": "WorkspaceId", "Value": id }], "StartTime": to - 2 * 3_600, "EndTime": to,
        "Period": 3_600, "Statistics": ["Average", "Maximum", "Minimum", "Sum", "SampleCount"],
    });
    let answer = ask(&client, "GetMetricStatistics", &wanted).await.good();
    assert_eq!(answer["Label"], "CPUUsage");
    let points = answer["Datapoints"].as_array().unwrap();
    assert_eq!(points.len(), 2);
    for point in points {
        let number = |name: &str| point[name].as_f64().unwrap();
        assert_eq!((number("SampleCount"), &point["Unit"]), (12.0, &json!("Percent")));
        assert!((number("Sum") / 12.0 - number("Average")).abs() < 1e-9);
        assert!(number("Minimum") <= number("Average") && number("Average") <= number("Maximum"));
    }
    let mut listed = 0;
    let mut body = json!({ "Namespace": "AWS/WorkSpaces" });
    loop {
        let answer = ask(&client, "ListMetrics", &body).await.good();
        listed += answer["Metrics"].as_array().unwrap().len();
        if answer["NextToken"].is_null() {
            break;
        }
        body["NextToken"] = answer["NextToken"].clone();
    }
    assert_eq!(listed, 60 * 17);
    let one = json!({ "MetricName": "UserConnected", "Dimensions": [{ "Name": "WorkspaceId", "Value": id }] });
    assert_eq!(ask(&client, "ListMetrics", &one).await.good()["Metrics"].as_array().unwrap().len(), 1);
    let other = json!({ "Namespace": "AWS/EC2" });
    assert_eq!(ask(&client, "ListMetrics", &other).await.good()["Metrics"], json!([]));
}

#[tokio::test]
async fn faults_reach_metrics() {
    let simulator = alive(40);
    let client = Client::new(&simulator);
    let ids = ids(&client).await;
    let to = wednesday().timestamp();
    let queries: Vec<Value> = (0..4).map(|n| query(&format!("q{n}"), &ids[n], "Available", 300, "Maximum")).collect();
    let body = request(&queries, to - 3_000, to);
    let with = async |fault: &str| {
        client.control("PUT", "faults", json!({ "faults": [fault] })).await.good();
        ask(&client, "GetMetricData", &body).await
    };
    let answer = with("partial:GetMetricData").await.good();
    let seen: Vec<_> = answer["MetricDataResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["StatusCode"].as_str().unwrap(), result["Values"].as_array().unwrap().len()))
        .collect();
    assert_eq!(seen, [("Complete", 10), ("PartialData", 5), ("Complete", 10), ("PartialData", 5)]);
    assert!(answer["NextToken"].is_null());
    let answer = with("garbage:GetMetricData").await.good();
    let values = answer["MetricDataResults"][0]["Values"].as_array().unwrap();
    assert_eq!((&values[3], &values[5], &values[8]), (&json!("NaN"), &json!(-1), &json!("Infinity")));
    assert_eq!(with("throttle:GetMetricData").await.code(), "ThrottlingException");
    assert_eq!(with("error500:GetMetricData").await.status, 500);
    assert!(with("deny:GetMetricData").await.text.contains("cloudwatch:GetMetricData"));
    assert!(serde_json::from_str::<Value>(&with("malformed:GetMetricData").await.text).is_err());
    let mut paged = body.clone();
    paged["MaxDatapoints"] = json!(10);
    client.control("PUT", "faults", json!({ "faults": ["page:GetMetricData:2:once"] })).await.good();
    let first = ask(&client, "GetMetricData", &paged).await.good();
    paged["NextToken"] = first["NextToken"].clone();
    assert_eq!(ask(&client, "GetMetricData", &paged).await.status, 500);
    ask(&client, "GetMetricData", &paged).await.good();
}
