//! The served OpenAPI document: sound in itself, and of the routes that are there.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::paths;
use serde_json::Value;
use testkit::app::{TestApp, TestAppOptions};
use testkit::client::Request;

/// Every `$ref` in the document.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

async fn start() -> Result<TestApp> {
    let options = TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() };
    TestApp::start(options).await?.context("SQLite is always there")
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_is_sound() -> Result<()> {
    let app = start().await?;
    let answer = app.client().get(paths::OPENAPI).await?;
    assert_eq!(answer.header("content-type"), "application/json");
    let document: Value = answer.ok()?;
    let version = document["openapi"].as_str().unwrap_or_default();
    assert!(version.starts_with("3.1."), "{version}");
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());

    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').context("a reference leaves the document")?;
        assert!(document.pointer(pointer).is_some(), "{reference} points nowhere");
    }

    let (mut ids, mut operations) = (BTreeSet::new(), 0);
    for (path, item) in document["paths"].as_object().context("no paths")? {
        let parameters: BTreeSet<_> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let what = format!("{method} {path}");
            operations += 1;
            let id = operation["operationId"].as_str().with_context(|| format!("{what} has no id"))?;
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(operation["summary"].is_string(), "{what} says nothing about itself");
            assert!(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{what}");
            let declared: BTreeSet<_> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|p| p["in"] == "path")
                .filter_map(|p| p["name"].as_str())
                .collect();
            assert_eq!(declared, parameters, "{what}: path parameters");
            let responses = operation["responses"].as_object().with_context(|| what.clone())?;
            assert!(responses.keys().any(|s| s.starts_with(['2', '3'])), "{what} never goes well");
            for (status, response) in responses.iter().filter(|(s, _)| s.starts_with(['4', '5'])) {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{what} {status}");
            }
        }
    }
    assert!(operations >= 20, "{operations}");
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_and_the_routes_are_the_same() -> Result<()> {
    let app = start().await?;
    app.create_owner().await?;
    let document: Value = app.client().get(paths::OPENAPI).await?.ok()?;
    let served = document["paths"].as_object().context("no paths")?;
    let mut known: BTreeSet<_> = served.keys().map(String::as_str).collect();
    for path in [
        paths::SETUP,
        paths::SESSION,
        paths::SESSION_PROOF,
        paths::PROFILE_SESSIONS,
        paths::PROFILE_SESSION,
        paths::USER_SESSIONS,
        paths::API_KEYS,
        paths::API_KEY,
        paths::API_KEY_ROTATE,
        paths::SESSION_SECOND_FACTOR,
        paths::SESSION_EMAIL_CODE,
        paths::SESSION_EMAIL_CODE_VERIFY,
        paths::PASSWORD_RESET,
        paths::PASSWORD_RESET_CONFIRM,
        paths::PORTAL_ERRORS,
        paths::PORTAL_SPANS,
        paths::PROFILE,
        paths::PROFILE_EXPORT,
        paths::PROFILE_PASSWORD,
        paths::PROFILE_TOTP,
        paths::PROFILE_TOTP_CONFIRM,
        paths::PROFILE_RECOVERY_CODES,
        paths::OIDC,
        paths::OIDC_START,
        paths::OIDC_CALLBACK,
        paths::OIDC_LINK,
        paths::OIDC_PROOF,
        paths::OVERVIEW,
        paths::ACCOUNTS,
        paths::ACCOUNT,
        paths::ACCOUNT_TEST,
        paths::ACCOUNT_SYNC,
        paths::WORKSPACES,
        paths::WORKSPACE_FACETS,
        paths::WORKSPACE_TAG_KEYS,
        paths::DIRECTORIES,
        paths::BUNDLES,
        paths::IMAGES,
        paths::QUOTAS,
        paths::WORKSPACES_START,
        paths::WORKSPACES_STOP,
        paths::WORKSPACES_REBOOT,
        paths::WORKSPACES_REBUILD,
        paths::WORKSPACES_RESTORE,
        paths::WORKSPACES_TERMINATE,
        paths::WORKSPACES_RUNNING_MODE,
        paths::WORKSPACES_COMPUTE_TYPE,
        paths::WORKSPACES_VOLUME,
        paths::WORKSPACES_TAGS,
        paths::WORKSPACE,
        paths::WORKSPACE_ADVICE,
        paths::WORKSPACE_TIMELINE,
        paths::JOBS,
        paths::JOB_SUMMARY,
        paths::JOB,
        paths::JOB_CANCEL,
        paths::JOB_RETRY,
        paths::SCHEDULES,
        paths::SCHEDULE,
        paths::SCHEDULE_RUN,
        paths::DATA_SETS,
        paths::SYNC_RUNS,
        paths::EVENTS,
        paths::AUDIT_LOG,
        paths::AUDIT_FACETS,
        paths::AUDIT_STATE,
        paths::AUDIT_EXPORT,
        paths::REPORTS,
        paths::REPORT,
        paths::REPORT_PREVIEW,
        paths::REPORT_DRAFT,
        paths::REPORT_RUNS,
        paths::REPORT_RUN,
        paths::REPORT_FILE,
        paths::REPORT_LINK,
        paths::REPORT_DELIVER,
        paths::REPORT_LINKED,
        paths::EXPORT_WORKSPACES,
        paths::EXPORT_USAGE,
        paths::EXPORT_COSTS,
        paths::EXPORT_TRAIL,
        paths::EXPORT_ACTIVITY,
        paths::EXPORT_JOBS,
        paths::EXPORT_SYNC_RUNS,
        paths::EXPORT_DATA_SETS,
        paths::EXPORT_USERS,
        paths::EXPORT_USER_GRANTS,
        paths::EXPORT_COST_ESTIMATES,
        paths::EXPORT_COST_GROUPS,
        paths::EXPORT_WORKSPACE_COSTS,
        paths::EXPORT_RECONCILIATION,
        paths::EXPORT_RECONCILIATION_ACCOUNTS,
        paths::EXPORT_BUDGETS,
        paths::EXPORT_USAGE_GROUPS,
        paths::EXPORT_USAGE_RANKING,
        paths::EXPORT_USAGE_UNUSED,
        paths::EXPORT_WORKSPACE_TIMELINE,
        paths::EXPORT_WORKSPACE_TAGS,
        paths::EXPORT_JOB_ITEMS,
        paths::EXPORT_SCHEDULES,
        paths::EXPORT_REQUESTS,
        paths::EXPORT_ACCOUNTS,
        paths::EXPORT_ACCOUNT_REGIONS,
        paths::EXPORT_DIRECTORIES,
        paths::EXPORT_BUNDLES,
        paths::EXPORT_IMAGES,
        paths::EXPORT_QUOTAS,
        paths::EXPORT_TEAMS,
        paths::EXPORT_ROLES,
        paths::EXPORT_INVITATIONS,
        paths::EXPORT_API_KEYS,
        paths::EXPORT_REPORTS,
        paths::EXPORT_REPORT_RUNS,
        paths::EXPORT_SETTINGS,
        paths::EXPORT_ASSISTANT_LEVELS,
        paths::EXPORT_WORKSPACE_CHARGES,
        paths::EXPORT_WORKSPACE_ADVICE,
        paths::EXPORT_JOB_ATTEMPTS,
        paths::EXPORT_JOB_LOG,
        paths::EXPORT_JOB_PROBLEMS,
        paths::AUDIT_ENTRY,
        paths::USERS,
        paths::USER,
        paths::USER_GRANTS,
        paths::PERMISSIONS,
        paths::ROLES,
        paths::ROLE,
        paths::ASSISTANT,
        paths::SETTINGS,
        paths::ASSISTANT_STATS,
        paths::CONVERSATIONS,
        paths::CONVERSATION,
        paths::CONVERSATION_TURNS,
        paths::TURN,
        paths::TURN_ANSWER,
        paths::TURN_RETRY,
        paths::TRAIL_EVENTS,
        paths::TRAIL_EVENT,
        paths::TRAIL_FACETS,
        paths::TRAIL_COVERAGE,
        paths::ACTIVITY,
        paths::VIEWS,
        paths::VIEW,
        paths::DESKTOP,
        paths::REQUESTS,
        paths::REQUEST,
        paths::COSTS_SUMMARY,
        paths::COSTS_DAILY,
        paths::COSTS_GROUPS,
        paths::COSTS_FORECAST,
        paths::COSTS_WORKSPACES,
        paths::COSTS_ESTIMATES,
        paths::COSTS_RECONCILIATION,
        paths::COSTS_RECONCILIATION_ACCOUNTS,
        paths::BUDGETS,
        paths::BUDGET,
        paths::WORKSPACE_IDS,
        paths::USAGE_SUMMARY,
        paths::USAGE_HEAT_MAP,
        paths::USAGE_TREND,
        paths::USAGE_DAILY,
        paths::USAGE_DISTRIBUTION,
        paths::USAGE_GROUPS,
        paths::USAGE_RANKING,
        paths::USAGE_UNUSED,
        paths::TEAMS,
        paths::TEAM,
        paths::TEAM_MEMBERS,
        paths::INVITATIONS,
        paths::INVITATION,
        paths::INVITATION_RESEND,
        paths::INVITATION_ACCEPT,
        paths::OPENAPI,
    ] {
        assert!(known.remove(path), "{path} is not in the document");
    }
    assert_eq!(known, BTreeSet::new(), "in the document, but not in contract::paths");

    for (path, item) in served {
        let address = paths::with_id(path, "00000000-0000-7000-8000-000000000000");
        for method in METHODS {
            let documented = item.get(method).is_some();
            if documented && (path.as_str() == paths::EVENTS || (path.as_str(), method) == (paths::SESSION, "delete")) {
                continue;
            }
            let method: Method = method.to_uppercase().parse()?;
            let answer = app.client().send(Request::new(method.clone(), address.clone())).await?;
            if documented {
                assert_ne!(answer.status, 405, "{method} {path} is documented and not served");
                // A 404 is about the object, not about the address.
                let no_address = answer.status == 404 && answer.problem()?.detail.contains("address");
                assert!(!no_address, "{method} {path} is documented and not served");
            } else {
                assert_eq!(answer.status, 405, "{method} {path} is served and not documented");
            }
        }
    }
    app.stop().await
}
