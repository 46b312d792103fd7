//! What requests change: batches item by item, creation, properties, maintenance, tags.

use chrono::TimeDelta;
use serde_json::json;

use super::{Client, still};
use crate::Simulator;

#[tokio::test]
async fn each_item_of_a_batch_fails_for_itself() {
    let client = Client::new(&Simulator::new(still(200)));
    let running = client.find("AVAILABLE", "AUTO_STOP", 1).await;
    let stopped = client.find("STOPPED", "AUTO_STOP", 1).await;
    let always_on = client.find("AVAILABLE", "ALWAYS_ON", 1).await;
    let failed = client.batch("Stop", &[&running[0], &stopped[0], &always_on[0], "ws-000000000"]).await;
    let wanted = [
        (stopped[0].clone(), "OperationNotSupportedException".to_owned()),
        (always_on[0].clone(), "OperationNotSupportedException".to_owned()),
        ("ws-000000000".to_owned(), "ResourceNotFound.Workspace".to_owned()),
    ];
    assert_eq!(failed, wanted);
    assert_eq!(client.state(&running[0]).await.as_deref(), Some("STOPPING"));

    let too_many: Vec<_> = (0..26).map(|n| json!({ "WorkspaceId": format!("ws-0000000{n:02}") })).collect();
    let answer = client.ask("StopWorkspaces", json!({ "StopWorkspaceRequests": too_many })).await;
    assert_eq!(answer.code(), "ValidationException");
    let answer = client.ask("RebuildWorkspaces", json!({ "RebuildWorkspaceRequests": too_many[..2] })).await;
    assert_eq!(answer.code(), "ValidationException");
    assert_eq!(client.ask("StopWorkspaces", json!({})).await.code(), "ValidationException");
}

#[tokio::test]
async fn creation_is_pending_then_available_and_fails_item_by_item() {
    let simulator = Simulator::new(still(60));
    let client = Client::new(&simulator);
    let like = client.rows().await[0].clone();
    let good = json!({
        "DirectoryId": like["DirectoryId"], "BundleId": like["BundleId"], "UserName": "n.ewcomer",
        "WorkspaceProperties": { "RunningMode": "AUTO_STOP" }, "Tags": [{ "Key": "Team", "Value": "Trial" }],
    });
    let (mut no_directory, mut no_bundle, mut bad_timeout) = (good.clone(), good.clone(), good.clone());
    no_directory["DirectoryId"] = json!("d-9000000000");
    no_bundle["BundleId"] = json!("wsb-000000000");
    bad_timeout["WorkspaceProperties"]["RunningModeAutoStopTimeoutInMinutes"] = json!(90);
    let body = json!({ "Workspaces": [no_directory, good, no_bundle, bad_timeout] });
    let answer = client.ask("CreateWorkspaces", body).await.good();
    let codes: Vec<_> = answer["FailedRequests"].as_array().unwrap().iter().map(|f| f["ErrorCode"].clone()).collect();
    assert_eq!(codes, ["ResourceNotFound.Directory", "ResourceNotFound.Bundle", "InvalidParameterValuesException"]);
    assert_eq!(answer["FailedRequests"][0]["WorkspaceRequest"]["UserName"], "n.ewcomer");
    let pending = answer["PendingRequests"].as_array().unwrap();
    assert_eq!((pending.len(), &pending[0]["State"]), (1, &json!("PENDING")));
    let id = pending[0]["WorkspaceId"].as_str().unwrap();
    assert_eq!(client.batch("Stop", &[id]).await.len(), 1, "not while it is pending");
    simulator.advance(TimeDelta::minutes(2));
    let row = client.row(id).await.unwrap();
    assert_eq!((&row["State"], &row["UserName"]), (&json!("AVAILABLE"), &json!("n.ewcomer")));
    let tags = client.ask("DescribeTags", json!({ "ResourceId": id })).await.good();
    assert_eq!(tags["TagList"], json!([{ "Key": "Team", "Value": "Trial" }]));
    assert_eq!(client.rows().await.len(), 43);
}

#[tokio::test]
async fn volumes_grow_once_in_six_hours_and_never_shrink() {
    let simulator = Simulator::new(still(100));
    let client = Client::new(&simulator);
    let id = client.find("AVAILABLE", "ALWAYS_ON", 1).await.remove(0);
    let gib = client.row(&id).await.unwrap()["WorkspaceProperties"]["UserVolumeSizeGib"].as_i64().unwrap();
    let resize = async |gib: i64| {
        let body = json!({ "WorkspaceId": id, "WorkspaceProperties": { "UserVolumeSizeGib": gib } });
        client.ask("ModifyWorkspaceProperties", body).await
    };
    assert_eq!(resize(gib - 5).await.code(), "InvalidParameterValuesException");
    resize(gib + 100).await.good();
    let row = client.row(&id).await.unwrap();
    assert_eq!(row["ModificationStates"], json!([{ "Resource": "USER_VOLUME", "State": "UPDATE_IN_PROGRESS" }]));
    assert_eq!(resize(gib + 200).await.code(), "OperationInProgressException");
    simulator.advance(TimeDelta::minutes(5));
    assert_eq!(resize(gib + 200).await.code(), "InvalidResourceStateException");
    simulator.advance(TimeDelta::hours(6));
    resize(gib + 200).await.good();
    let row = client.row(&id).await.unwrap();
    assert_eq!(row["WorkspaceProperties"]["UserVolumeSizeGib"], gib + 200);
}

#[tokio::test]
async fn a_stopped_desktop_made_always_on_starts() {
    let simulator = Simulator::new(still(100));
    let client = Client::new(&simulator);
    let id = client.find("STOPPED", "AUTO_STOP", 1).await.remove(0);
    let body = json!({ "WorkspaceId": id, "WorkspaceProperties": { "RunningMode": "ALWAYS_ON" } });
    client.ask("ModifyWorkspaceProperties", body).await.good();
    assert_eq!(client.state(&id).await.as_deref(), Some("STARTING"));
    simulator.advance(TimeDelta::minutes(1));
    let row = client.row(&id).await.unwrap();
    assert_eq!(row["State"], "AVAILABLE");
    assert!(row["WorkspaceProperties"].get("RunningModeAutoStopTimeoutInMinutes").is_none());
}

#[tokio::test]
async fn admin_maintenance_refuses_everything_until_it_ends() {
    let client = Client::new(&Simulator::new(still(100)));
    let id = client.find("AVAILABLE", "AUTO_STOP", 1).await.remove(0);
    let set = async |state: &str| {
        client.ask("ModifyWorkspaceState", json!({ "WorkspaceId": id, "WorkspaceState": state })).await
    };
    assert_eq!(set("AVAILABLE").await.code(), "InvalidResourceStateException");
    assert_eq!(set("STOPPED").await.code(), "ValidationException");
    set("ADMIN_MAINTENANCE").await.good();
    for verb in ["Start", "Stop", "Reboot", "Rebuild", "Terminate"] {
        assert_eq!(client.batch(verb, &[&id]).await.len(), 1, "{verb}");
    }
    set("AVAILABLE").await.good();
    assert_eq!(client.batch("Reboot", &[&id]).await, []);
}

#[tokio::test]
async fn a_restore_takes_one_and_answers_with_an_exception() {
    let simulator = Simulator::new(still(100));
    let client = Client::new(&simulator);
    let id = client.find("AVAILABLE", "AUTO_STOP", 1).await.remove(0);
    let restore = async |id: &str| client.ask("RestoreWorkspace", json!({ "WorkspaceId": id })).await;
    assert_eq!(restore(&id).await.good(), json!({}));
    assert_eq!(client.state(&id).await.as_deref(), Some("RESTORING"));
    assert_eq!(restore(&id).await.code(), "OperationNotSupportedException");
    assert_eq!(restore("ws-000000000").await.code(), "ResourceNotFoundException");
    simulator.advance(TimeDelta::minutes(5));
    assert_eq!(client.state(&id).await.as_deref(), Some("AVAILABLE"));
}

#[tokio::test]
async fn what_is_terminated_goes_from_the_answers() {
    let simulator = Simulator::new(still(100));
    let client = Client::new(&simulator);
    let id = client.find("STOPPED", "AUTO_STOP", 1).await.remove(0);
    assert_eq!(client.batch("Terminate", &[&id]).await, []);
    assert_eq!(client.state(&id).await.as_deref(), Some("TERMINATING"));
    assert_eq!(client.batch("Terminate", &[&id]).await, [], "it is on its way already");
    simulator.advance(TimeDelta::minutes(10));
    assert!(client.row(&id).await.is_none());
}

#[tokio::test]
async fn tags_are_added_removed_and_limited() {
    let client = Client::new(&Simulator::new(still(100)));
    let id = client.rows().await[0]["WorkspaceId"].as_str().unwrap().to_owned();
    let tags = async || client.ask("DescribeTags", json!({ "ResourceId": id })).await.good()["TagList"].clone();
    let before = tags().await;
    let add = async |tags: serde_json::Value| client.ask("CreateTags", json!({ "ResourceId": id, "Tags": tags })).await;
    add(json!([{ "Key": "Zebra", "Value": "1" }])).await.good();
    assert!(tags().await.as_array().unwrap().contains(&json!({ "Key": "Zebra", "Value": "1" })));
    assert_eq!(add(json!([{ "Key": "aws:x", "Value": "1" }])).await.code(), "InvalidParameterValuesException");
    let many: Vec<_> = (0..51).map(|n| json!({ "Key": format!("k{n}"), "Value": "" })).collect();
    assert_eq!(add(json!(many)).await.code(), "ResourceLimitExceededException");
    client.ask("DeleteTags", json!({ "ResourceId": id, "TagKeys": ["Zebra", "never there"] })).await.good();
    assert_eq!(tags().await, before);
}
