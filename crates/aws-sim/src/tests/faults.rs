//! The request limit, faults on request, and the control surface that switches them.

use serde_json::json;

use super::{Client, still};
use crate::{Simulator, Throttle};

async fn with(fault: &str) -> (Simulator, Client) {
    let simulator = Simulator::new(still(200));
    let client = Client::new(&simulator);
    assert_eq!(client.control("PUT", "faults", json!({ "faults": [fault] })).await.status, 200);
    (simulator, client)
}

#[tokio::test]
async fn five_requests_at_once_then_throttled_until_time_passes() {
    let mut options = still(60);
    options.throttle = Some(Throttle::AWS);
    let simulator = Simulator::new(options);
    let mut client = Client::new(&simulator);
    for _ in 0..5 {
        client.ask("DescribeWorkspaces", json!({})).await.good();
    }
    let refused = client.ask("DescribeWorkspaces", json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "ThrottlingException"));
    assert_eq!(refused.json()["message"], "Rate exceeded");
    client.ask("DescribeWorkspaceBundles", json!({})).await.good();
    client.region = "eu-central-1";
    client.ask("DescribeWorkspaces", json!({})).await.good();
    client.region = "us-east-1";
    assert_eq!(client.control("POST", "advance", json!({ "seconds": 0.5 })).await.status, 200);
    client.ask("DescribeWorkspaces", json!({})).await.good();
    assert_eq!(client.ask("DescribeWorkspaces", json!({})).await.status, 400);
    assert_eq!(client.control("PUT", "throttle", json!({ "throttle": "off" })).await.status, 200);
    for _ in 0..20 {
        client.ask("DescribeWorkspaces", json!({})).await.good();
    }
    let ledger = client.control("GET", "ledger", json!(null)).await.good();
    assert_eq!(ledger["operations"]["DescribeWorkspaces"], json!({ "requests": 29, "throttled": 2, "failed": 0 }));
    assert_eq!((&ledger["workspaces"], &ledger["throttle"]), (&json!(60), &json!("off")));
}

#[tokio::test]
async fn a_denial_names_who_what_and_where() {
    let (_, client) = with("deny:DescribeTags").await;
    let id = client.rows().await[0]["WorkspaceId"].as_str().unwrap().to_owned();
    let answer = client.ask("DescribeTags", json!({ "ResourceId": id })).await;
    assert_eq!(answer.code(), "AccessDeniedException");
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    let wanted = format!(
        "User: arn:aws:iam::123456789012:user/wheelhouse is not authorized to perform: workspaces:DescribeTags \
         on resource: arn:aws:workspaces:us-east-1:123456789012:workspaceid/{id} "
    );
    assert!(message.starts_with(&wanted), "{message}");
    client.ask("DescribeWorkspaces", json!({})).await.good();
}

#[tokio::test]
async fn half_of_a_batch_fails_and_the_other_half_is_done() {
    let (_, client) = with("halffail:StopWorkspaces").await;
    let ids = client.find("AVAILABLE", "AUTO_STOP", 4).await;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let failed = client.batch("Stop", &ids).await;
    assert_eq!(failed.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [ids[1], ids[3]]);
    assert_eq!(client.state(ids[0]).await.as_deref(), Some("STOPPING"));
    assert_eq!(client.state(ids[1]).await.as_deref(), Some("AVAILABLE"));
}

#[tokio::test]
async fn malformed_is_a_good_status_with_half_a_body_and_once_is_once() {
    let (_, client) = with("malformed:DescribeWorkspaces:once").await;
    let answer = client.ask("DescribeWorkspaces", json!({})).await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&answer.text).is_err());
    client.ask("DescribeWorkspaces", json!({})).await.good();
}

#[tokio::test]
async fn one_page_fails_and_no_other() {
    let (_, client) = with("page:DescribeWorkspaces:3*1").await;
    let first = client.ask("DescribeWorkspaces", json!({})).await.good();
    let second = client.ask("DescribeWorkspaces", json!({ "NextToken": first["NextToken"] })).await.good();
    let third = client.ask("DescribeWorkspaces", json!({ "NextToken": second["NextToken"] })).await;
    assert_eq!((third.status, third.code().as_str()), (500, "InternalServerException"));
    client.ask("DescribeWorkspaces", json!({ "NextToken": second["NextToken"] })).await.good();
}

#[tokio::test]
async fn the_control_surface_refuses_nonsense_and_changes_nothing() {
    let (simulator, client) = with("deny:DescribeTags").await;
    for (method, path, body) in [
        ("PUT", "faults", json!({ "faults": ["what:Ever"] })),
        ("PUT", "faults", json!({ "fault": [] })),
        ("PUT", "throttle", json!({ "throttle": "sometimes" })),
        ("PUT", "throttle", json!({ "rate": 0 })),
        ("POST", "advance", json!({ "seconds": 1e300 })),
        ("GET", "nothing", json!(null)),
    ] {
        let answer = client.control(method, path, body).await;
        assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
    }
    let ledger = client.control("GET", "ledger", json!(null)).await.good();
    assert_eq!(ledger["faults"], json!(["deny:DescribeTags"]));
    assert_eq!(simulator.now(), super::wednesday());
}
