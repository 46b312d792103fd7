//! Lists: pages, filters, refusals, and the same fleet from the same seed.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Client, still};
use crate::{DEFAULT_ACCOUNT, Simulator};

fn ids(rows: &[Value]) -> HashSet<String> {
    rows.iter().map(|row| row["WorkspaceId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_thousand_desktops_are_forty_pages_of_distinct_ids() {
    let mut options = still(1_000);
    options.regions.truncate(1);
    let simulator = Simulator::new(options);
    let client = Client::new(&simulator);
    let pages = client.pages(json!({})).await;
    assert_eq!(pages.len(), 40);
    assert!(pages.iter().all(|page| page.len() == 25));
    assert_eq!(ids(&pages.concat()).len(), 1_000);
    assert_eq!(simulator.counts()["DescribeWorkspaces"].requests, 40);
}

#[tokio::test]
async fn regions_hold_seventy_and_thirty_and_others_nothing() {
    let simulator = Simulator::new(still(1_000));
    let mut client = Client::new(&simulator);
    assert_eq!(client.rows().await.len(), 700);
    client.region = "eu-central-1";
    assert_eq!(client.rows().await.len(), 300);
    client.region = "sa-east-1";
    assert_eq!(client.rows().await.len(), 0);
}

#[tokio::test]
async fn the_same_seed_is_the_same_fleet_and_another_is_not() {
    let rows = async |seed| {
        let mut options = still(200);
        options.seed = seed;
        Client::new(&Simulator::new(options)).rows().await
    };
    assert_eq!(rows(7).await, rows(7).await);
    assert_ne!(rows(7).await, rows(8).await);
}

#[tokio::test]
async fn rows_that_disappear_between_pages_make_no_other_row_missed() {
    let simulator = Simulator::new(still(200));
    let client = Client::new(&simulator);
    let all = client.rows().await;
    let first = client.ask("DescribeWorkspaces", json!({})).await.good();
    for row in &all[..30] {
        let path = format!("workspaces/{}", row["WorkspaceId"].as_str().unwrap());
        assert_eq!(client.control("DELETE", &path, json!(null)).await.status, 204);
        assert_eq!(client.control("DELETE", &path, json!(null)).await.status, 404);
    }
    let second = client.ask("DescribeWorkspaces", json!({ "NextToken": first["NextToken"] })).await.good();
    assert_eq!(second["Workspaces"][0], all[30]);
}

#[tokio::test]
async fn filters_select_and_do_not_combine() {
    let simulator = Simulator::new(still(500));
    let client = Client::new(&simulator);
    let all = client.rows().await;
    let one = &all[3];
    for key in ["DirectoryId", "BundleId"] {
        let got = client.pages(json!({ key: one[key] })).await.concat();
        let wanted: Vec<_> = all.iter().filter(|row| row[key] == one[key]).cloned().collect();
        assert_eq!(got, wanted, "{key}");
    }
    let user = json!({ "DirectoryId": one["DirectoryId"], "UserName": one["UserName"] });
    assert_eq!(client.pages(user).await.concat(), std::slice::from_ref(one));

    let token = client.ask("DescribeWorkspaces", json!({})).await.good()["NextToken"].clone();
    let many: Vec<_> = all[..26].iter().map(|row| row["WorkspaceId"].clone()).collect();
    for (body, code) in [
        (json!({ "DirectoryId": one["DirectoryId"], "BundleId": one["BundleId"] }), "InvalidParameterValuesException"),
        (
            json!({ "WorkspaceIds": [one["WorkspaceId"]], "BundleId": one["BundleId"] }),
            "InvalidParameterValuesException",
        ),
        (json!({ "UserName": "somebody" }), "InvalidParameterValuesException"),
        (json!({ "NextToken": "made up" }), "InvalidParameterValuesException"),
        (json!({ "NextToken": token, "BundleId": one["BundleId"] }), "InvalidParameterValuesException"),
        (json!({ "WorkspaceIds": many }), "ValidationException"),
        (json!({ "WorkspaceIds": [] }), "ValidationException"),
        (json!({ "WorkspaceIds": ["i-12345678"] }), "ValidationException"),
        (json!({ "Limit": 0 }), "ValidationException"),
        (json!({ "Limit": 26 }), "ValidationException"),
        (json!({ "Limit": "many" }), "SerializationException"),
        (json!([]), "SerializationException"),
    ] {
        let answer = client.ask("DescribeWorkspaces", body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{body}");
    }
    assert_eq!(
        client.target("WorkspacesService.DescribeWorkspaces", "{".to_owned()).await.code(),
        "SerializationException"
    );
    assert_eq!(client.ask("ImportWorkspaceImage", json!({})).await.code(), "UnknownOperationException");
}

#[tokio::test]
async fn connection_status_agrees_with_states() {
    let simulator = Simulator::new(still(300));
    let client = Client::new(&simulator);
    let rows = client.rows().await;
    let ids: Vec<_> = rows[..25].iter().map(|row| row["WorkspaceId"].clone()).collect();
    let answer = client.ask("DescribeWorkspacesConnectionStatus", json!({ "WorkspaceIds": ids })).await.good();
    let status = answer["WorkspacesConnectionStatus"].as_array().unwrap();
    assert_eq!(status.len(), 25);
    for (row, status) in rows.iter().zip(status) {
        assert_eq!(row["WorkspaceId"], status["WorkspaceId"]);
        match status["ConnectionState"].as_str().unwrap() {
            "CONNECTED" | "DISCONNECTED" => assert_eq!(row["State"], "AVAILABLE"),
            other => assert_eq!((other, row["State"] == "AVAILABLE"), ("UNKNOWN", false)),
        }
    }
    assert!(status.iter().any(|row| row["ConnectionState"] == "CONNECTED"), "it is Wednesday afternoon");
}

#[tokio::test]
async fn the_fleet_in_bulk_is_the_one_that_is_described() {
    let simulator = Simulator::new(still(300));
    let client = Client::new(&simulator);
    let rows = client.rows().await;
    let mut desktops = simulator.desktops(DEFAULT_ACCOUNT, "us-east-1");
    assert!(desktops.iter().any(|one| one.tags.contains_key("Team")));
    desktops.retain(|one| one.state.is_some());
    assert_eq!(desktops.len(), rows.len());
    for (row, one) in rows.iter().zip(&desktops) {
        let properties = &row["WorkspaceProperties"];
        let wire = [&row["WorkspaceId"], &row["UserName"], &row["DirectoryId"], &row["BundleId"]].map(Value::as_str);
        let bulk =
            [&one.workspace_id, &one.user_name, &one.directory_id, &one.bundle_id].map(|text| Some(text.as_str()));
        assert_eq!(wire, bulk);
        let wire = [&row["State"], &properties["RunningMode"], &properties["ComputeTypeName"]].map(Value::as_str);
        assert_eq!(wire, [one.state, Some(one.running_mode), Some(one.compute_type)]);
    }
    let status = client.ask("DescribeWorkspacesConnectionStatus", json!({})).await.good();
    for (row, one) in status["WorkspacesConnectionStatus"].as_array().unwrap().iter().zip(&desktops) {
        assert_eq!(
            (row["WorkspaceId"].as_str(), row["ConnectionState"].as_str()),
            (Some(one.workspace_id.as_str()), Some(one.connection))
        );
    }
    assert!(simulator.desktops("999999999999", "us-east-1").is_empty());
}

#[tokio::test]
async fn quotas_come_in_pages_of_the_size_that_is_asked_for() {
    let simulator = Simulator::new(still(10));
    let client = Client::new(&simulator);
    let list = async |body: Value| client.target("ServiceQuotasV20190624.ListServiceQuotas", body.to_string()).await;
    let (mut codes, mut token, mut pages) = (HashSet::new(), Value::Null, 0);
    loop {
        let mut body = json!({ "ServiceCode": "workspaces", "MaxResults": 4 });
        if !token.is_null() {
            body["NextToken"] = token;
        }
        let answer = list(body).await.good();
        let rows = answer["Quotas"].as_array().unwrap();
        assert!(rows.len() <= 4);
        codes.extend(rows.iter().map(|row| row["QuotaCode"].as_str().unwrap().to_owned()));
        (token, pages) = (answer["NextToken"].clone(), pages + 1);
        if token.is_null() {
            break;
        }
    }
    assert_eq!((pages, codes.len()), (2, 6));
    assert!(codes.contains("L-34278094"), "{codes:?}");
    for size in [0, 101] {
        let refused = list(json!({ "ServiceCode": "workspaces", "MaxResults": size })).await;
        assert_eq!(refused.code(), "ValidationException");
    }
    let elsewhere = list(json!({ "ServiceCode": "ec2" })).await.good();
    assert_eq!(elsewhere["Quotas"], json!([]));
}
