//! Who may do what: every operation of the OpenAPI document, signed out and as each role, against a table written here by
//! hand. Nothing escapes the table: an operation that is not in it fails the test.
//! To add an operation: a line in [`TABLE`].

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use axum::http::Method;
use domain::access::Role;
use serde_json::{Value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};
use uuid::Uuid;

/// Who may use an operation.
#[derive(Debug, Clone, Copy)]
enum Who {
    /// Anybody, signed in or not.
    Public,
    /// Anybody who is signed in.
    SignedIn,
    /// These roles.
    Roles(&'static [Role]),
}

use Role::{Admin, Approver, Auditor, Member, Operator, Owner, Viewer};

const STAFF: &[Role] = &[Owner, Admin, Operator, Approver, Auditor, Viewer];
const ALL: &[Role] = &[Owner, Admin, Operator, Approver, Auditor, Viewer, Member];
const RUNNERS: &[Role] = &[Owner, Admin, Operator, Member];
const KEEPERS: &[Role] = &[Owner, Admin];
const OPERATORS: &[Role] = &[Owner, Admin, Operator];

const TABLE: &[(&str, &str, Who)] = &[
    ("GET", "/api/v1/setup", Who::Public),
    ("POST", "/api/v1/setup", Who::Public),
    ("POST", "/api/v1/session", Who::Public),
    ("GET", "/api/v1/openapi.json", Who::Public),
    ("GET", "/api/v1/session", Who::SignedIn),
    ("DELETE", "/api/v1/session", Who::SignedIn),
    ("GET", "/api/v1/events", Who::SignedIn),
    ("GET", "/api/v1/overview", Who::Roles(ALL)),
    ("GET", "/api/v1/accounts", Who::Roles(STAFF)),
    ("POST", "/api/v1/accounts", Who::Roles(KEEPERS)),
    ("GET", "/api/v1/accounts/{account_id}", Who::Roles(STAFF)),
    ("POST", "/api/v1/accounts/{account_id}/test", Who::Roles(KEEPERS)),
    ("POST", "/api/v1/accounts/{account_id}/sync", Who::Roles(OPERATORS)),
    ("GET", "/api/v1/workspaces", Who::Roles(ALL)),
    ("GET", "/api/v1/workspaces/facets", Who::Roles(ALL)),
    ("GET", "/api/v1/workspaces/{workspace_id}", Who::Roles(ALL)),
    ("POST", "/api/v1/workspaces/start", Who::Roles(RUNNERS)),
    ("POST", "/api/v1/workspaces/stop", Who::Roles(RUNNERS)),
    ("POST", "/api/v1/workspaces/reboot", Who::Roles(RUNNERS)),
    ("GET", "/api/v1/jobs", Who::Roles(STAFF)),
    ("GET", "/api/v1/jobs/summary", Who::Roles(STAFF)),
    ("GET", "/api/v1/jobs/{job_id}", Who::Roles(STAFF)),
    ("POST", "/api/v1/jobs/{job_id}/cancel", Who::Roles(OPERATORS)),
    ("POST", "/api/v1/jobs/{job_id}/retry", Who::Roles(OPERATORS)),
    ("GET", "/api/v1/schedules", Who::Roles(STAFF)),
    ("PATCH", "/api/v1/schedules/{name}", Who::Roles(OPERATORS)),
    ("POST", "/api/v1/schedules/{name}/run", Who::Roles(OPERATORS)),
    ("GET", "/api/v1/data-sets", Who::Roles(STAFF)),
    ("GET", "/api/v1/sync-runs", Who::Roles(STAFF)),
];

/// A request of the operation that is well formed where the table of bodies knows one, and about an object that is not there.
fn request(method: &str, path: &str) -> Result<Request> {
    let mut address = path.to_owned();
    while let (Some(open), Some(close)) = (address.find('{'), address.find('}')) {
        address.replace_range(open..=close, &Uuid::from_u128(7).to_string());
    }
    let request = Request::new(method.parse::<Method>()?, address);
    let body = match path {
        p if p.ends_with("/start") || p.ends_with("/stop") || p.ends_with("/reboot") => {
            json!({ "workspace_ids": [Uuid::from_u128(7)], "dry_run": true })
        }
        "/api/v1/session" => json!({ "email": "nobody@example.com", "password": "not the password" }),
        // Well formed but refused by its rules, so that this test connects nothing.
        "/api/v1/accounts" => json!({ "name": "", "regions": [], "credentials": "simulated" }),
        _ => json!({}),
    };
    Ok(if ["POST", "PATCH"].contains(&method) { request.json(&body) } else { request })
}

/// The status, without waiting for the end of a stream.
async fn status(client: &ApiClient, method: &str, path: &str) -> Result<u16> {
    if path == contract::paths::EVENTS {
        return Ok(match client.events(None).await {
            Ok(_) => 200,
            Err(error) => ["401", "403"]
                .into_iter()
                .find(|s| error.to_string().contains(s))
                .context(error.to_string())?
                .parse()?,
        });
    }
    let answer = client.send(request(method, path)?).await?;
    if answer.status.is_client_error() || answer.status.is_server_error() {
        let problem = answer.problem()?;
        anyhow::ensure!(problem.status < 500, "{method} {path}: {problem:?}");
    }
    Ok(answer.status.as_u16())
}

/// Every operation of the served document as method and path.
async fn operations(app: &TestApp) -> Result<BTreeSet<(String, String)>> {
    let document: Value = app.client().stranger()?.get(contract::paths::OPENAPI).await?.ok()?;
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().context("no paths")? {
        for method in item.as_object().context("no item")?.keys() {
            if ["get", "post", "put", "patch", "delete", "head", "options", "trace"].contains(&method.as_str()) {
                operations.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    Ok(operations)
}

app_test! {
    async fn every_operation_times_every_role(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let table: BTreeSet<_> = TABLE.iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
        assert_eq!(table.len(), TABLE.len(), "no operation twice");
        assert_eq!(operations(app).await?, table, "the document and the table name the same operations");

        for (method, path, who) in TABLE {
            let stranger = app.client().stranger()?;
            let status = status(&stranger, method, path).await?;
            match who {
                // Signing in with a wrong password is 401 for a reason of its own.
                Who::Public if *path == "/api/v1/session" => assert_eq!(status, 401, "{method} {path}"),
                Who::Public => assert!(!matches!(status, 401 | 403), "{method} {path}: {status}"),
                _ => assert_eq!(status, 401, "{method} {path}, signed out"),
            }
        }
        for role in Role::ALL {
            let client = app.create_user(*role).await?;
            let secret = client.session();
            for (method, path, who) in TABLE {
                if matches!(who, Who::Public) {
                    continue;
                }
                if (*method, *path) == ("DELETE", "/api/v1/session") {
                    continue;
                }
                let status = status(&client, method, path).await?;
                let may = match who {
                    Who::Roles(roles) => roles.contains(role),
                    _ => true,
                };
                if may {
                    assert!(!matches!(status, 401 | 403 | 405), "{role}: {method} {path}: {status}");
                } else {
                    assert_eq!(status, 403, "{role}: {method} {path}");
                }
            }
            assert_eq!(client.session(), secret);
            assert!(client.delete(contract::paths::SESSION).await?.status.is_success(), "{role} signs out");
        }
        Ok(())
    }
}
