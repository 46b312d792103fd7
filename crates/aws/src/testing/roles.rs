//! Roles: assumed once, at the account's endpoint, with the external id, and told apart when they can't be.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use domain::account::Access;
use domain::cloud::CloudError;

use super::fake::{Fake, Reply, Seen, access, connect, env, quick};
use crate::Connector;

const ROLE: &str = "arn:aws:iam::123456789012:role/fleet";

fn connector() -> Connector {
    let keys = Credentials::new("AKIABASE", "secret", None, None, "test");
    Connector::with_base(quick(), env(), SharedCredentialsProvider::new(keys))
}

fn role() -> Access {
    Access::Role { role_arn: ROLE.to_owned(), external_id: Some("pin-7".to_owned()) }
}

fn reply(seen: &Seen) -> Reply {
    match seen.operation.as_str() {
        "AssumeRole" => Reply::new(
            200,
            r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
            <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>session-token</SessionToken>
            <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"#,
        ),
        "GetCallerIdentity" => Reply::new(
            200,
            r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
            <Arn>arn:aws:sts::123456789012:assumed-role/fleet/wheelhouse</Arn><UserId>A:B</UserId>
            <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"#,
        ),
        "DescribeDirectories" => {
            Reply::new(200, r#"{"DirectoryDescriptions":[{"DirectoryId":"d-1","Stage":"Active"}]}"#)
        }
        _ => Reply::new(200, r#"{"Workspaces":[]}"#),
    }
}

#[tokio::test]
async fn a_role_is_assumed_once_for_all_services() {
    let fake = Fake::start(reply).await;
    let fleet = connect(&connector(), &access(role(), &fake.url)).await;
    assert_eq!(fake.hits(), 0, "connecting sends nothing");
    let who = fleet.caller_identity().await.unwrap();
    assert_eq!(who.aws_account_id, "123456789012");
    assert!(who.arn.ends_with("/wheelhouse"));
    fleet.workspace_page(None).await.unwrap();
    let stages = fleet.directory_stage_page(None).await.unwrap();
    assert_eq!(stages.items, [("d-1".to_owned(), "Active".to_owned())]);

    let seen = fake.seen();
    assert_eq!(seen.iter().map(|s| s.operation.as_str()).filter(|o| *o == "AssumeRole").count(), 1);
    assert!(seen[0].body.contains("ExternalId=pin-7"), "{}", seen[0].body);
    assert!(seen[0].body.contains("RoleSessionName=wheelhouse"));
    assert!(seen[0].headers["authorization"].to_str().unwrap().contains("AKIABASE"));
    for request in &seen[1..] {
        assert_eq!(request.headers["x-amz-security-token"], "session-token");
        assert!(request.headers["authorization"].to_str().unwrap().contains("ASIAROLE"));
    }
    assert_eq!(fleet.calls(), 3);
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_says_which_permission_is_missing() {
    let fake = Fake::start(|_| {
        Reply::new(
            403,
            r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
            <Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on
            resource: arn:aws:iam::123456789012:role/fleet</Message></Error></ErrorResponse>"#,
        )
    })
    .await;
    let fleet = connect(&connector(), &access(role(), &fake.url)).await;
    let denied = CloudError::Denied { operation: "sts:AssumeRole".into(), permission: "sts:AssumeRole".into() };
    assert_eq!(fleet.workspace_page(None).await, Err(denied));
    assert_eq!((fleet.calls(), fake.hits()), (0, 1));
}
