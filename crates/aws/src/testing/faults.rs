//! What the handle makes of a server that fails in each way.

use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{SharedCredentialsProvider, future};
use domain::account::Access;
use domain::breaker::Standing;
use domain::cloud::{CloudConnector, CloudError};
use domain::workspace::WorkspaceOrder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::fake::{Fake, Reply, access, connect, env, ids, quick, region, simulated};
use crate::{AwsOptions, Connector};

const EMPTY: &str = r#"{"Workspaces":[]}"#;
const MOTO: &str = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Oops</h1>\n";

#[tokio::test]
async fn a_read_is_repeated_until_it_succeeds_and_each_request_is_counted() {
    let fake = Fake::start(|seen| match seen.before {
        0 => Reply::error(500, "InternalServerException", "oops"),
        1 => Reply::error(400, "ThrottlingException", "Rate exceeded"),
        _ => Reply::new(200, EMPTY),
    })
    .await;
    let fleet = fake.fleet(quick()).await;
    let page = fleet.workspace_page(None).await.unwrap();
    assert_eq!((page.items.len(), page.next_token), (0, None));
    assert_eq!((fleet.calls(), fake.hits()), (3, 3));
    let seen = fake.seen();
    assert_eq!(seen[0].body, r#"{"Limit":25}"#);
    let agent = seen[0].headers["user-agent"].to_str().unwrap();
    assert!(agent.contains("app/wheelhouse"), "{agent}");
}

#[tokio::test]
async fn attempts_end() {
    let fake = Fake::start(|_| Reply::new(503, "")).await;
    let fleet = fake.fleet(quick()).await;
    let error = fleet.tags("ws-1").await.unwrap_err();
    assert_eq!((error.code(), error.operation()), ("unavailable", "workspaces:DescribeTags"));
    assert_eq!((fleet.calls(), fake.hits()), (3, 3));
}

#[tokio::test]
async fn an_action_is_repeated_when_throttled() {
    let fake = Fake::start(|seen| match seen.before {
        0 => Reply::error(400, "ThrottlingException", "Rate exceeded"),
        _ => Reply::new(
            200,
            r#"{"FailedRequests":[{"WorkspaceId":"ws-2","ErrorCode":"InvalidState","ErrorMessage":"no"}]}"#,
        ),
    })
    .await;
    let fleet = fake.fleet(quick()).await;
    let failed = fleet.act(&WorkspaceOrder::Stop, &ids(&["ws-1", "ws-2"])).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].aws_id.as_str(), failed[0].code.as_str()), ("ws-2", "InvalidState"));
    assert_eq!(fake.hits(), 2);
    assert!(fake.seen()[1].body.contains("ws-1"));
}

#[tokio::test]
async fn an_action_with_an_unknown_outcome_is_never_repeated() {
    let slow = Duration::from_secs(60);
    let replies: [fn() -> Reply; 4] = [
        || Reply::error(500, "InternalServerException", "oops"),
        || Reply::new(503, ""),
        || Reply::new(200, r#"{"FailedRequests":["#),
        || Reply::new(200, "{}"),
    ];
    let fake = Fake::start(move |seen| match replies.get(seen.before) {
        Some(reply) if seen.before < 3 => reply(),
        _ => Reply::new(200, "{}").after(slow),
    })
    .await;
    let options = AwsOptions { call_deadline: Duration::from_secs(2), ..quick() };
    let fleet = fake.fleet(options).await;
    for hits in 1..=4 {
        match fleet.act(&WorkspaceOrder::Reboot, &ids(&["ws-1"])).await {
            Err(CloudError::Unavailable { operation, reason }) => {
                assert_eq!(operation, "workspaces:RebootWorkspaces");
                assert!(reason.ends_with("the outcome is unknown"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(fake.hits(), hits);
    }
}

#[tokio::test]
async fn an_action_that_never_left_is_repeated() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let connector = Connector::new(quick(), env());
    let fleet = connect(&connector, &simulated(&format!("http://127.0.0.1:{port}"))).await;
    match fleet.act(&WorkspaceOrder::Start, &ids(&["ws-1"])).await {
        Err(CloudError::NotSent { reason, .. }) => assert!(!reason.contains("unknown"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(fleet.calls(), 3);
}

#[tokio::test]
async fn an_action_that_meets_an_open_circuit_was_not_sent() {
    let fake = Fake::start(|_| Reply::new(500, "")).await;
    let fleet = fake.fleet(AwsOptions { breaker_failures: 1, ..quick() }).await;
    let act = async || fleet.act(&WorkspaceOrder::Reboot, &ids(&["ws-1"])).await.unwrap_err();
    assert!(matches!(act().await, CloudError::Unavailable { .. }), "the one that was sent");
    let error = act().await;
    assert!(matches!(&error, CloudError::NotSent { reason, .. } if reason.starts_with("circuit open")), "{error:?}");
    assert_eq!((error.code(), error.is_transient(), fake.hits()), ("unavailable", true, 1));
}

#[tokio::test]
async fn a_silent_server_ends_at_the_deadline() {
    let ever = Duration::from_secs(600);
    let fake = Fake::start(move |_| Reply::new(200, EMPTY).after(ever)).await;
    let options = AwsOptions { call_deadline: Duration::from_secs(1), attempt_timeout: ever, ..quick() };
    let fleet = fake.fleet(options).await;
    let answer = tokio::time::timeout(Duration::from_secs(30), fleet.workspace_page(None)).await;
    match answer.expect("it ends by itself") {
        Err(CloudError::Unavailable { reason, .. }) => assert_eq!(reason, "no answer within 1 s"),
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.hits(), 1);
}

#[tokio::test]
async fn a_silent_attempt_leaves_time_for_another() {
    let fake = Fake::start(|seen| match seen.before {
        0 => Reply::new(200, EMPTY).after(Duration::from_secs(600)),
        _ => Reply::new(200, EMPTY),
    })
    .await;
    let options = AwsOptions { attempt_timeout: Duration::from_secs(1), ..quick() };
    let fleet = fake.fleet(options).await;
    assert!(fleet.workspace_page(None).await.is_ok());
    assert_eq!(fleet.calls(), 2);
}

#[tokio::test]
async fn an_emulator_without_the_operation_is_told_apart_and_not_asked_again() {
    for reply in [
        || Reply::new(500, MOTO),
        || Reply::new(501, ""),
        || Reply::new(404, "404 page not found"),
        || Reply::error(400, "UnknownOperationException", ""),
    ] {
        let fake = Fake::start(move |_| reply()).await;
        let fleet = fake.fleet(quick()).await;
        let unsupported = |operation: &str| CloudError::Unsupported { operation: operation.to_owned() };
        assert_eq!(
            fleet.connection_page(None).await,
            Err(unsupported("workspaces:DescribeWorkspacesConnectionStatus"))
        );
        assert_eq!(fleet.directory_stage_page(None).await, Err(unsupported("ds:DescribeDirectories")));
        assert_eq!(
            fleet.act(&WorkspaceOrder::Start, &ids(&["ws-1"])).await,
            Err(unsupported("workspaces:StartWorkspaces"))
        );
        assert_eq!(fake.hits(), 3);
    }
}

#[tokio::test]
async fn garbage_is_malformed_never_an_empty_fleet() {
    for body in [r#"{"Workspaces":[{"WorkspaceId":"ws-1"}"#, "{}", "", "[]", "null", r#"{"Workspaces":null}"#, "ok"] {
        let fake = Fake::start(move |_| Reply::new(200, body)).await;
        let fleet = fake.fleet(quick()).await;
        let error = fleet.workspace_page(None).await.unwrap_err();
        assert_eq!((error.code(), fake.hits()), ("malformed", 3), "{body:?}: {error}");
    }
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"Workspaces\":[").await;
        }
    });
    let fleet = connect(&Connector::new(quick(), env()), &simulated(&url)).await;
    let error = fleet.workspace_page(None).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    match fleet.act(&WorkspaceOrder::Stop, &ids(&["ws-1"])).await {
        Err(CloudError::Unavailable { reason, .. }) => assert!(reason.contains("outcome is unknown"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(fleet.calls(), 4, "three for the read, one for the action");
}

#[tokio::test]
async fn a_denial_names_the_permission_and_is_not_repeated() {
    let message = "User: arn:aws:iam::1:user/u is not authorized to perform: workspaces:DescribeTags on resource: x";
    let fake = Fake::start(move |_| Reply::error(400, "AccessDeniedException", message)).await;
    let fleet = fake.fleet(quick()).await;
    let denied = |operation: &str, permission: &str| CloudError::Denied {
        operation: operation.to_owned(),
        permission: permission.to_owned(),
    };
    let expected = denied("workspaces:DescribeTags", "workspaces:DescribeTags");
    assert_eq!(fleet.tags("ws-1").await, Err(expected));
    let expected = denied("workspaces:DescribeWorkspaceBundles", "workspaces:DescribeTags");
    assert_eq!(fleet.bundles_by_id(&ids(&["wsb-1"])).await, Err(expected));
    assert_eq!(fake.hits(), 2);
}

#[tokio::test]
async fn an_open_circuit_sends_nothing_and_spares_other_operations() {
    let fake = Fake::start(|seen| match seen.operation.as_str() {
        "DescribeTags" => Reply::new(500, ""),
        _ => Reply::new(200, EMPTY),
    })
    .await;
    let options = AwsOptions { breaker_failures: 2, max_attempts: 1, ..quick() };
    let connector = Connector::new(options, env());
    let (one, other) =
        (connect(&connector, &simulated(&fake.url)).await, connect(&connector, &simulated(&fake.url)).await);
    for _ in 0..2 {
        assert_eq!(one.tags("ws-1").await.unwrap_err().code(), "unavailable");
    }
    match other.tags("ws-2").await {
        Err(CloudError::Unavailable { reason, .. }) => {
            // The clock of this test stands still at 09:00:00; a few of the 30 s have passed on the other one.
            assert!(reason.starts_with("circuit open until 2026-11-02T09:00:"), "{reason}");
        }
        answer => panic!("{answer:?}"),
    }
    assert_eq!((one.calls(), other.calls(), fake.hits()), (2, 0, 2));
    assert!(other.workspace_page(None).await.is_ok());
    let breakers = connector.breakers();
    let standing = |operation| breakers.iter().find(|one| one.operation == operation).map(|one| one.standing);
    assert_eq!(standing("workspaces:DescribeTags"), Some(Standing::Open));
    assert_eq!(standing("workspaces:DescribeWorkspaces"), Some(Standing::Closed));
    assert_eq!(standing("workspaces:StopWorkspaces"), None, "it was never called");
}

#[tokio::test]
async fn too_fast_waits_and_too_much_is_refused_here() {
    let fake = Fake::start(|_| Reply::new(200, r#"{"TagList":[{"Key":"team","Value":"blue"},{"Key":"x"}]}"#)).await;
    let options =
        AwsOptions { simulated_requests_per_second: 0.2, burst: 2.0, call_deadline: Duration::from_secs(2), ..quick() };
    let connector = Connector::new(options, env());
    let fleet = connect(&connector, &simulated(&fake.url)).await;
    let tags = fleet.tags("ws-1").await.unwrap();
    assert_eq!(tags.get("team").map(String::as_str), Some("blue"));
    assert_eq!(tags.get("x").map(String::as_str), Some(""));
    fleet.tags("ws-1").await.unwrap();
    // The bucket belongs to the account, not to the handle.
    let other = connect(&connector, &simulated(&fake.url)).await;
    assert_eq!(other.tags("ws-1").await.unwrap_err().code(), "throttled");
    assert_eq!((other.calls(), fake.hits()), (0, 2));
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_ends_the_call() {
    let fake = Fake::start(|_| Reply::error(400, "ThrottlingException", "").header("retry-after", "3600")).await;
    let fleet = fake.fleet(quick()).await;
    let answer = tokio::time::timeout(Duration::from_secs(20), fleet.tags("ws-1")).await;
    assert_eq!(answer.expect("at once").unwrap_err().code(), "throttled");
    assert_eq!(fleet.tags("ws-1").await.unwrap_err().code(), "throttled");
    assert_eq!(fake.hits(), 1, "silence is kept");
}

#[tokio::test]
async fn batches_keep_to_their_size() {
    let fake = Fake::start(|_| Reply::new(200, r#"{"Workspaces":[],"Bundles":[]}"#)).await;
    let fleet = fake.fleet(quick()).await;
    let many: Vec<String> = (0..26).map(|n| format!("ws-{n}")).collect();
    assert_eq!(fleet.workspaces_by_id(&many).await.unwrap_err().code(), "refused");
    assert_eq!(fleet.bundles_by_id(&many).await.unwrap_err().code(), "refused");
    assert_eq!(fleet.act(&WorkspaceOrder::Stop, &many).await.unwrap_err().code(), "refused");
    assert_eq!(fleet.workspaces_by_id(&[]).await, Ok(Vec::new()));
    assert_eq!(fleet.bundles_by_id(&[]).await, Ok(Vec::new()));
    assert_eq!(fleet.act(&WorkspaceOrder::Stop, &[]).await, Ok(Vec::new()));
    assert_eq!(fake.hits(), 0);
    fleet.workspaces_by_id(&many[..25]).await.unwrap();
    assert_eq!(fake.hits(), 1);
}

#[tokio::test]
async fn dummy_keys_need_an_endpoint_and_an_endpoint_is_a_url() {
    let connector = Connector::new(quick(), env());
    let mut access = simulated("http://127.0.0.1:1");
    access.endpoint_url = None;
    let error = connector.connect(&access, &region()).await.err().unwrap();
    assert_eq!(error.code(), "unauthenticated");
    for url in ["", "localhost:5066", "ftp://x", "http://", "http:///x", "http://a b", "file:///etc/passwd"] {
        access.endpoint_url = Some(url.to_owned());
        assert_eq!(connector.connect(&access, &region()).await.err().unwrap().code(), "refused", "{url}");
    }
}

#[derive(Debug)]
struct NoKeys;

impl aws_credential_types::provider::ProvideCredentials for NoKeys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("no providers in the chain had any")))
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let fake = Fake::start(|_| Reply::new(200, EMPTY)).await;
    let connector = Connector::with_base(quick(), env(), SharedCredentialsProvider::new(NoKeys));
    let role = Access::Role { role_arn: "arn:aws:iam::123456789012:role/r".to_owned(), external_id: None };
    for (kind, operation) in [(Access::Chain, "workspaces:DescribeWorkspaces"), (role, "sts:AssumeRole")] {
        let fleet = connect(&connector, &access(kind, &fake.url)).await;
        match fleet.workspace_page(None).await {
            Err(CloudError::Unauthenticated { operation: of, reason }) => {
                assert_eq!(of, operation);
                assert!(reason.contains("no providers in the chain"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!((fleet.calls(), fake.hits()), (0, 0));
    }
}
