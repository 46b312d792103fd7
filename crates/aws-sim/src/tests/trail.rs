//! CloudTrail: what was done, by whom, newest first.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Client, wednesday};
use crate::{SimOptions, Simulator};

fn options(workspaces: usize) -> SimOptions {
    let mut options = SimOptions::new(workspaces, 7, Arc::new(wednesday));
    options.throttle = None;
    options
}

async fn ask(client: &Client, body: Value) -> super::Answer {
    client.target("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", body.to_string()).await
}

fn by(key: &str, value: &str) -> Value {
    json!({ "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }] })
}

/// All events of all pages.
async fn all(client: &Client, body: Value) -> Vec<Value> {
    let (mut events, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut body = body.clone();
        if !token.is_null() {
            body["NextToken"] = token;
        }
        let answer = ask(client, body).await.good();
        let page = answer["Events"].as_array().unwrap();
        assert!(page.len() <= 50);
        events.extend(page.iter().cloned());
        token = answer["NextToken"].clone();
        if token.is_null() {
            return events;
        }
        assert_eq!(page.len(), 50);
    }
}

fn record(event: &Value) -> Value {
    serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_past_is_told_newest_first_and_each_event_once() {
    let client = Client::new(&Simulator::new(options(1_000)));
    let events = all(&client, json!({})).await;
    // 700 here; one or two in a hundred a working day, 90 days.
    assert!((400..2_000).contains(&events.len()), "{}", events.len());
    let ids: HashSet<&str> = events.iter().map(|event| event["EventId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), events.len());
    assert!(events.is_sorted_by(|a, b| a["EventTime"].as_i64() >= b["EventTime"].as_i64()));
    let now = wednesday().timestamp();
    assert!(events.iter().all(|event| (now - 90 * 86_400..=now).contains(&event["EventTime"].as_i64().unwrap())));
    let mut names = HashSet::new();
    for event in &events {
        let record = record(event);
        assert_eq!(record["eventID"], event["EventId"]);
        assert_eq!(record["readOnly"].to_string(), event["ReadOnly"].as_str().unwrap());
        assert_eq!(record["recipientAccountId"], "123456789012");
        names.insert(event["EventName"].as_str().unwrap().to_owned());
    }
    for name in ["RebootWorkspaces", "StartWorkspaces", "ModifyWorkspaceProperties", "CreateTags", "ResetUserPassword"]
    {
        assert!(names.contains(name), "{name} {names:?}");
    }
    assert!(events.iter().any(|event| record(event)["errorCode"] == "AccessDenied"));
    assert_eq!(
        events,
        all(&Client::new(&Simulator::new(options(1_000))), json!({})).await,
        "the same seed, the same past"
    );
}

#[tokio::test]
async fn lookups_find_what_a_scan_finds() {
    let client = Client::new(&Simulator::new(options(600)));
    let events = all(&client, json!({})).await;
    let one = events.iter().find(|event| event["EventName"] == "RebootWorkspaces").unwrap();
    let text = |key: &str| one[key].as_str().unwrap();
    let workspace = one["Resources"][0]["ResourceName"].as_str().unwrap();
    for (key, value) in [
        ("EventId", text("EventId")),
        ("EventName", "RebootWorkspaces"),
        ("EventSource", "ds.amazonaws.com"),
        ("ReadOnly", "true"),
        ("Username", text("Username")),
        ("AccessKeyId", text("AccessKeyId")),
    ] {
        let scanned: Vec<_> = events.iter().filter(|event| event[key] == value).cloned().collect();
        assert!(!scanned.is_empty(), "{key}");
        assert_eq!(all(&client, by(key, value)).await, scanned, "{key}");
    }
    for (key, member, value) in
        [("ResourceName", "ResourceName", workspace), ("ResourceType", "ResourceType", "AWS::WorkSpaces::Workspace")]
    {
        let names = |event: &Value| event["Resources"].as_array().unwrap().iter().any(|one| one[member] == value);
        let scanned: Vec<_> = events.iter().filter(|event| names(event)).cloned().collect();
        assert_eq!(all(&client, by(key, value)).await, scanned, "{key}");
    }
    let (from, to) = (wednesday().timestamp() - 10 * 86_400, wednesday().timestamp() - 86_400);
    let scanned: Vec<_> =
        events.iter().filter(|event| (from..=to).contains(&event["EventTime"].as_i64().unwrap())).cloned().collect();
    assert_eq!(all(&client, json!({ "StartTime": from, "EndTime": to })).await, scanned);
}

#[tokio::test]
async fn true_changes_of_the_fleet_are_told_at_their_time() {
    let simulator = Simulator::new(options(2_000));
    let client = Client::new(&simulator);
    let since = wednesday().timestamp() - 90 * 86_400;
    let (mut made, mut changed) = (0, 0);
    let events = all(&client, by("EventSource", "workspaces.amazonaws.com")).await;
    let told = |name: &str, id: &str, at: i64| {
        events.iter().any(|event| {
            event["EventName"] == name && event["Resources"][0]["ResourceName"] == id && event["EventTime"] == at
        })
    };
    let fleet = simulator.fleet("123456789012", "us-east-1");
    let watch = simulator.watch("us-east-1");
    for desktop in fleet.everyone() {
        let history = fleet.history(desktop, &watch);
        let created_at = history.life().created_at;
        if created_at >= since {
            made += 1;
            assert!(told("CreateWorkspaces", &desktop.id, created_at), "{}", desktop.id);
        }
        for (at, _, after) in history.changes().into_iter().filter(|(at, ..)| *at >= since) {
            changed += 1;
            assert!(told("ModifyWorkspaceProperties", &desktop.id, at), "{} {after:?}", desktop.id);
        }
    }
    assert!(made + changed > 0, "{made} {changed}");
}

#[tokio::test]
async fn what_the_simulator_did_is_written_down() {
    let mut options = options(100);
    options.trail_delay = Duration::from_secs(900);
    let simulator = Simulator::new(options);
    let client = Client::new(&simulator);
    let id = client.find("AVAILABLE", "ALWAYS_ON", 1).await.remove(0);
    client.batch("Reboot", &[&id]).await;
    client.ask("ModifyWorkspaceProperties", json!({ "WorkspaceId": "ws-000000000", "WorkspaceProperties": {} })).await;
    client.control("PUT", "faults", json!({ "faults": ["deny:CreateTags"] })).await;
    client.ask("CreateTags", json!({ "ResourceId": id, "Tags": [{ "Key": "a", "Value": "b" }] })).await.code();

    assert_eq!(all(&client, by("AccessKeyId", "AKIATEST")).await, Vec::<Value>::new(), "it takes its time");
    simulator.advance(TimeDelta::seconds(900));
    let events = all(&client, by("AccessKeyId", "AKIATEST")).await;
    let names: Vec<_> = events.iter().map(|event| event["EventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["CreateTags", "ModifyWorkspaceProperties", "RebootWorkspaces"]);
    let [denied, unknown, reboot] = [0, 1, 2].map(|at| record(&events[at]));
    assert_eq!(reboot["requestParameters"], json!({ "rebootWorkspaceRequests": [{ "workspaceId": id }] }));
    assert_eq!(reboot["responseElements"], json!({ "failedRequests": [] }));
    assert_eq!(reboot["userIdentity"]["arn"], "arn:aws:iam::123456789012:user/wheelhouse");
    assert_eq!(reboot.get("errorCode"), None);
    assert_eq!(unknown["errorCode"], "ResourceNotFoundException");
    assert_eq!(denied["errorCode"], "AccessDenied");
    assert_eq!(events[2]["Resources"], json!([{ "ResourceType": "AWS::WorkSpaces::Workspace", "ResourceName": id }]));
    assert_eq!(events[2]["Username"], "wheelhouse");
    assert_eq!(events[2]["ReadOnly"], "false");
    assert!(all(&client, by("ResourceName", &id)).await.contains(&events[2]));
}

#[tokio::test]
async fn pages_stay_right_while_events_come_in() {
    let simulator = Simulator::new(options(1_000));
    let client = Client::new(&simulator);
    let before = all(&client, json!({})).await;
    let first = ask(&client, json!({})).await.good();
    let id = client.find("AVAILABLE", "ALWAYS_ON", 1).await.remove(0);
    client.batch("Reboot", &[&id]).await;
    simulator.advance(TimeDelta::hours(3));
    let second = ask(&client, json!({ "NextToken": first["NextToken"] })).await.good();
    assert_eq!(second["Events"].as_array().unwrap()[..], before[50..100]);
}

#[tokio::test]
async fn wrong_lookups_are_refused() {
    let client = Client::new(&Simulator::new(options(600)));
    let token = ask(&client, json!({})).await.good()["NextToken"].clone();
    let two = json!([{ "AttributeKey": "EventName", "AttributeValue": "a" }, { "AttributeKey": "ReadOnly", "AttributeValue": "true" }]);
    let mut elsewhere = by("ReadOnly", "false");
    elsewhere["NextToken"] = token;
    for (body, code) in [
        (json!({ "MaxResults": 51 }), "InvalidMaxResultsException"),
        (json!({ "MaxResults": 0 }), "InvalidMaxResultsException"),
        (json!({ "StartTime": 2, "EndTime": 1 }), "InvalidTimeRangeException"),
        (json!({ "LookupAttributes": two }), "InvalidLookupAttributesException"),
        (by("Colour", "red"), "InvalidLookupAttributesException"),
        (json!({ "NextToken": "guess" }), "InvalidNextTokenException"),
        (elsewhere, "InvalidNextTokenException"),
        (json!({ "EventCategory": "gossip" }), "InvalidEventCategoryException"),
    ] {
        assert_eq!(ask(&client, body.clone()).await.code(), code, "{body}");
    }
}

#[tokio::test]
async fn starts_are_of_desktops_that_stop_and_somebody_comes() {
    let simulator = Simulator::new(options(1_000));
    let client = Client::new(&simulator);
    let events = all(&client, by("EventName", "StartWorkspaces")).await;
    let fleet = simulator.fleet("123456789012", "us-east-1");
    let watch = simulator.watch("us-east-1");
    let mut seen = 0;
    for event in events {
        if record(&event).get("errorCode").is_some() {
            continue;
        }
        seen += 1;
        let (id, at) = (event["Resources"][0]["ResourceName"].as_str().unwrap(), event["EventTime"].as_i64().unwrap());
        let history = fleet.history(fleet.ever(id).unwrap(), &watch);
        assert_eq!(history.periods(at, at + 1)[0].shape.running_mode.as_str(), "AUTO_STOP");
        assert!(history.sessions(at, at + 400).iter().any(|session| session.start >= at), "{id} {at}");
    }
    assert!(seen > 10, "{seen}");
}

#[tokio::test]
async fn garbage_spoils_records_and_nothing_else() {
    let client = Client::new(&Simulator::new(options(600)));
    let good = ask(&client, json!({})).await.good();
    client.control("PUT", "faults", json!({ "faults": ["garbage:LookupEvents"] })).await;
    let bad = ask(&client, json!({})).await.good();
    let (good, bad) = (good["Events"].as_array().unwrap(), bad["Events"].as_array().unwrap());
    let read = |event: &Value| serde_json::from_str::<Value>(event["CloudTrailEvent"].as_str().unwrap()).is_ok();
    assert_eq!((bad.len(), bad.iter().filter(|event| !read(event)).count()), (50, 8));
    assert!(good.iter().zip(bad).all(|(good, bad)| good["EventId"] == bad["EventId"]));
}
