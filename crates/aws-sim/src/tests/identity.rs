//! Who asks: signatures, accounts, roles.

use axum::{body::Body, http::Request};
use serde_json::json;

use super::{Client, still};
use crate::{DEFAULT_ACCOUNT, SimAccount, Simulator};

fn between<'a>(text: &'a str, tag: &str) -> &'a str {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    text.split(&open).nth(1).and_then(|rest| rest.split(&close).next()).unwrap_or_default()
}

#[tokio::test]
async fn unsigned_requests_are_refused() {
    let client = Client::new(&Simulator::new(still(60)));
    let request = Request::post("/").header("x-amz-target", "WorkspacesService.DescribeWorkspaces");
    let answer = client.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "MissingAuthenticationTokenException"));
}

#[tokio::test]
async fn roles_want_their_external_id_and_lead_to_their_account() {
    let mut options = still(60);
    let mut second = SimAccount::new("210987654321");
    second.workspaces = Some(10);
    options.accounts.push(second);
    let mut client = Client::new(&Simulator::new(options));
    let me = client.form("Action=GetCallerIdentity&Version=2011-06-15").await;
    assert_eq!(between(&me.text, "Account"), DEFAULT_ACCOUNT);
    assert_eq!(client.rows().await.len(), 42);

    let assume =
        "Action=AssumeRole&RoleSessionName=sync&RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2FWheelhouseRole";
    for wrong in [
        assume.to_owned(),
        format!("{assume}&ExternalId=guess"),
        assume.replace("2109", "9999"),
        assume.replace("WheelhouseRole", "Other"),
    ] {
        let answer = client.form(&wrong).await;
        assert_eq!((answer.status, between(&answer.text, "Code")), (403, "AccessDenied"), "{wrong}");
    }
    let made = client.form(&format!("{assume}&ExternalId=wheelhouse-demo")).await;
    assert_eq!(made.status, 200, "{}", made.text);
    client.key = between(&made.text, "AccessKeyId").to_owned();
    assert_eq!(client.ask("DescribeWorkspaces", json!({})).await.code(), "UnrecognizedClientException");
    client.token = Some(between(&made.text, "SessionToken").to_owned());
    let me = client.form("Action=GetCallerIdentity").await;
    assert_eq!(between(&me.text, "Arn"), "arn:aws:sts::210987654321:assumed-role/WheelhouseRole/sync");
    assert_eq!(client.rows().await.len(), 7);
}

#[tokio::test]
async fn role_credentials_expire() {
    let simulator = Simulator::new(still(60));
    let mut client = Client::new(&simulator);
    let made = client
        .form("Action=AssumeRole&RoleSessionName=sync&DurationSeconds=900&RoleArn=arn:aws:iam::123456789012:role/WheelhouseOpenRole")
        .await;
    client.key = between(&made.text, "AccessKeyId").to_owned();
    client.token = Some(between(&made.text, "SessionToken").to_owned());
    client.ask("DescribeWorkspaces", json!({})).await.good();
    simulator.advance(chrono::TimeDelta::seconds(900));
    assert_eq!(client.ask("DescribeWorkspaces", json!({})).await.code(), "ExpiredTokenException");
    let answer = client.form("Action=GetCallerIdentity").await;
    assert_eq!(between(&answer.text, "Code"), "ExpiredToken");
}
