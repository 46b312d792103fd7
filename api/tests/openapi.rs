//! The OpenAPI document: it holds every path of the contract with its methods, and every operation tells its errors.

use std::collections::BTreeMap;

use contract::paths;
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&api::openapi_json()).expect("the document is JSON")
}

/// The table of the contract, written out once more by hand.
const OPERATIONS: &[(&str, &str, &str)] = &[
    (paths::WORKSPACE_IDS, "get", "list_workspace_ids"),
    (paths::WORKSPACE_ADVICE, "get", "fetch_workspace_advice"),
    (paths::WORKSPACE_TIMELINE, "get", "fetch_workspace_timeline"),
    (paths::BUDGETS, "get", "list_budgets"),
    (paths::BUDGETS, "post", "create_budget"),
    (paths::BUDGET, "get", "fetch_budget"),
    (paths::BUDGET, "patch", "update_budget"),
    (paths::BUDGET, "delete", "delete_budget"),
    (paths::COSTS_DAILY, "get", "fetch_daily_costs"),
    (paths::COSTS_ESTIMATES, "get", "list_cost_estimates"),
    (paths::COSTS_FORECAST, "get", "fetch_cost_forecast"),
    (paths::COSTS_GROUPS, "get", "list_cost_groups"),
    (paths::COSTS_RECONCILIATION, "get", "fetch_reconciliation"),
    (paths::COSTS_RECONCILIATION_ACCOUNTS, "get", "fetch_reconciled_accounts"),
    (paths::COSTS_SUMMARY, "get", "fetch_cost_summary"),
    (paths::COSTS_WORKSPACES, "get", "list_workspace_costs"),
    (paths::DESKTOP, "get", "fetch_my_desktops"),
    (paths::REQUESTS, "get", "list_requests"),
    (paths::REQUESTS, "post", "create_request"),
    (paths::REQUEST, "get", "fetch_request"),
    (paths::REQUEST, "delete", "withdraw_request"),
    (paths::TRAIL_COVERAGE, "get", "fetch_trail_coverage"),
    (paths::ACTIVITY, "get", "list_activity"),
    (paths::TRAIL_EVENTS, "get", "list_trail_events"),
    (paths::TRAIL_EVENT, "get", "fetch_trail_event"),
    (paths::TRAIL_FACETS, "get", "list_trail_facets"),
    (paths::USAGE_DAILY, "get", "fetch_daily_usage"),
    (paths::USAGE_DISTRIBUTION, "get", "fetch_usage_distribution"),
    (paths::USAGE_GROUPS, "get", "list_usage_groups"),
    (paths::USAGE_HEAT_MAP, "get", "fetch_usage_heat_map"),
    (paths::USAGE_RANKING, "get", "list_usage_ranking"),
    (paths::USAGE_SUMMARY, "get", "fetch_usage_summary"),
    (paths::USAGE_TREND, "get", "fetch_usage_trend"),
    (paths::USAGE_UNUSED, "get", "list_usage_unused"),
    (paths::SETUP, "get", "fetch_setup"),
    (paths::SETUP, "post", "create_owner"),
    (paths::SESSION, "get", "fetch_session"),
    (paths::SESSION, "post", "create_session"),
    (paths::SESSION, "delete", "delete_session"),
    (paths::SESSION_PROOF, "post", "confirm_session"),
    (paths::PROFILE_SESSIONS, "get", "list_own_sessions"),
    (paths::PROFILE_SESSIONS, "delete", "delete_other_sessions"),
    (paths::PROFILE_SESSION, "delete", "delete_own_session"),
    (paths::USER_SESSIONS, "get", "list_user_sessions"),
    (paths::USER_SESSIONS, "delete", "delete_user_sessions"),
    (paths::API_KEYS, "get", "list_api_keys"),
    (paths::API_KEYS, "post", "create_api_key"),
    (paths::API_KEY, "get", "fetch_api_key"),
    (paths::API_KEY, "patch", "update_api_key"),
    (paths::API_KEY, "delete", "delete_api_key"),
    (paths::API_KEY_ROTATE, "post", "rotate_api_key"),
    (paths::SESSION_SECOND_FACTOR, "post", "finish_sign_in"),
    (paths::SESSION_EMAIL_CODE, "post", "request_email_code"),
    (paths::SESSION_EMAIL_CODE_VERIFY, "post", "verify_email_code"),
    (paths::PASSWORD_RESET, "post", "request_password_reset"),
    (paths::PASSWORD_RESET_CONFIRM, "post", "confirm_password_reset"),
    (paths::PORTAL_ERRORS, "post", "report_portal_error"),
    (paths::PORTAL_SPANS, "post", "record_portal_spans"),
    (paths::PROFILE, "get", "fetch_profile"),
    (paths::PROFILE, "patch", "update_profile"),
    (paths::PROFILE, "delete", "delete_profile"),
    (paths::PROFILE_EXPORT, "get", "export_profile"),
    (paths::PROFILE_PASSWORD, "put", "change_password"),
    (paths::PROFILE_TOTP, "post", "begin_totp"),
    (paths::PROFILE_TOTP, "delete", "remove_totp"),
    (paths::PROFILE_TOTP_CONFIRM, "post", "confirm_totp"),
    (paths::PROFILE_RECOVERY_CODES, "post", "replace_recovery_codes"),
    (paths::OIDC, "get", "fetch_oidc"),
    (paths::OIDC_START, "get", "start_oidc"),
    (paths::OIDC_CALLBACK, "get", "finish_oidc"),
    (paths::OIDC_LINK, "post", "link_oidc"),
    (paths::OIDC_LINK, "delete", "unlink_oidc"),
    (paths::OIDC_PROOF, "post", "prove_by_oidc"),
    (paths::OVERVIEW, "get", "fetch_overview"),
    (paths::ACCOUNTS, "get", "list_accounts"),
    (paths::ACCOUNTS, "post", "create_account"),
    (paths::ACCOUNT, "get", "fetch_account"),
    (paths::ACCOUNT_TEST, "post", "test_account"),
    (paths::ACCOUNT_SYNC, "post", "sync_account"),
    (paths::WORKSPACES, "get", "list_workspaces"),
    (paths::WORKSPACE_FACETS, "get", "list_workspace_facets"),
    (paths::WORKSPACE_TAG_KEYS, "get", "list_workspace_tag_keys"),
    (paths::DIRECTORIES, "get", "list_directories"),
    (paths::BUNDLES, "get", "list_bundles"),
    (paths::IMAGES, "get", "list_images"),
    (paths::QUOTAS, "get", "list_quotas"),
    (paths::WORKSPACES_START, "post", "start_workspaces"),
    (paths::WORKSPACES_STOP, "post", "stop_workspaces"),
    (paths::WORKSPACES_REBOOT, "post", "reboot_workspaces"),
    (paths::WORKSPACES_REBUILD, "post", "rebuild_workspaces"),
    (paths::WORKSPACES_RESTORE, "post", "restore_workspaces"),
    (paths::WORKSPACES_TERMINATE, "post", "terminate_workspaces"),
    (paths::WORKSPACES_RUNNING_MODE, "post", "set_workspace_running_mode"),
    (paths::WORKSPACES_COMPUTE_TYPE, "post", "set_workspace_compute_type"),
    (paths::WORKSPACES_VOLUME, "post", "grow_workspace_volume"),
    (paths::WORKSPACES_TAGS, "post", "set_workspace_tags"),
    (paths::WORKSPACE, "get", "fetch_workspace"),
    (paths::JOBS, "get", "list_jobs"),
    (paths::JOB_SUMMARY, "get", "fetch_job_summary"),
    (paths::JOB, "get", "fetch_job"),
    (paths::JOB_CANCEL, "post", "cancel_job"),
    (paths::JOB_RETRY, "post", "retry_job"),
    (paths::SCHEDULES, "get", "list_schedules"),
    (paths::SCHEDULE, "patch", "update_schedule"),
    (paths::SCHEDULE_RUN, "post", "run_schedule"),
    (paths::DATA_SETS, "get", "list_data_sets"),
    (paths::SYNC_RUNS, "get", "list_sync_runs"),
    (paths::EVENTS, "get", "stream_events"),
    (paths::AUDIT_LOG, "get", "list_audit_entries"),
    (paths::AUDIT_FACETS, "get", "list_audit_facets"),
    (paths::AUDIT_STATE, "get", "fetch_audit_state"),
    (paths::AUDIT_EXPORT, "get", "export_audit_log"),
    (paths::VIEWS, "get", "list_views"),
    (paths::VIEWS, "post", "create_view"),
    (paths::VIEW, "get", "fetch_view"),
    (paths::VIEW, "patch", "update_view"),
    (paths::VIEW, "delete", "delete_view"),
    (paths::REPORTS, "get", "list_reports"),
    (paths::REPORTS, "post", "create_report"),
    (paths::REPORT, "get", "fetch_report"),
    (paths::REPORT, "put", "update_report"),
    (paths::REPORT, "delete", "delete_report"),
    (paths::REPORT_PREVIEW, "get", "preview_report"),
    (paths::REPORT_DRAFT, "post", "preview_report_draft"),
    (paths::REPORT_RUNS, "get", "list_report_runs"),
    (paths::REPORT_RUNS, "post", "run_report"),
    (paths::REPORT_RUN, "delete", "delete_report_run"),
    (paths::REPORT_FILE, "get", "fetch_report_file"),
    (paths::REPORT_LINK, "post", "link_report_file"),
    (paths::REPORT_LINK, "delete", "unlink_report_file"),
    (paths::REPORT_DELIVER, "post", "deliver_report_run"),
    (paths::REPORT_LINKED, "get", "fetch_linked_report"),
    (paths::EXPORT_WORKSPACES, "get", "export_workspaces"),
    (paths::EXPORT_USAGE, "get", "export_usage"),
    (paths::EXPORT_COSTS, "get", "export_costs"),
    (paths::EXPORT_TRAIL, "get", "export_trail"),
    (paths::EXPORT_ACTIVITY, "get", "export_activity"),
    (paths::EXPORT_JOBS, "get", "export_jobs"),
    (paths::EXPORT_SYNC_RUNS, "get", "export_sync_runs"),
    (paths::EXPORT_DATA_SETS, "get", "export_data_sets"),
    (paths::EXPORT_USERS, "get", "export_users"),
    (paths::EXPORT_USER_GRANTS, "get", "export_user_grants"),
    (paths::EXPORT_COST_ESTIMATES, "get", "export_cost_estimates"),
    (paths::EXPORT_COST_GROUPS, "get", "export_cost_groups"),
    (paths::EXPORT_WORKSPACE_COSTS, "get", "export_workspace_costs"),
    (paths::EXPORT_RECONCILIATION, "get", "export_reconciliation"),
    (paths::EXPORT_RECONCILIATION_ACCOUNTS, "get", "export_reconciled_accounts"),
    (paths::EXPORT_BUDGETS, "get", "export_budgets"),
    (paths::EXPORT_USAGE_GROUPS, "get", "export_usage_groups"),
    (paths::EXPORT_USAGE_RANKING, "get", "export_usage_ranking"),
    (paths::EXPORT_USAGE_UNUSED, "get", "export_usage_unused"),
    (paths::EXPORT_WORKSPACE_TIMELINE, "get", "export_workspace_timeline"),
    (paths::EXPORT_WORKSPACE_TAGS, "get", "export_workspace_tags"),
    (paths::EXPORT_JOB_ITEMS, "get", "export_job_items"),
    (paths::EXPORT_SCHEDULES, "get", "export_schedules"),
    (paths::EXPORT_REQUESTS, "get", "export_requests"),
    (paths::EXPORT_ACCOUNTS, "get", "export_accounts"),
    (paths::EXPORT_ACCOUNT_REGIONS, "get", "export_account_regions"),
    (paths::EXPORT_DIRECTORIES, "get", "export_directories"),
    (paths::EXPORT_BUNDLES, "get", "export_bundles"),
    (paths::EXPORT_IMAGES, "get", "export_images"),
    (paths::EXPORT_QUOTAS, "get", "export_quotas"),
    (paths::EXPORT_TEAMS, "get", "export_teams"),
    (paths::EXPORT_ROLES, "get", "export_roles"),
    (paths::EXPORT_INVITATIONS, "get", "export_invitations"),
    (paths::EXPORT_API_KEYS, "get", "export_api_keys"),
    (paths::EXPORT_REPORTS, "get", "export_reports"),
    (paths::EXPORT_REPORT_RUNS, "get", "export_report_runs"),
    (paths::EXPORT_SETTINGS, "get", "export_settings"),
    (paths::EXPORT_ASSISTANT_LEVELS, "get", "export_assistant_levels"),
    (paths::EXPORT_WORKSPACE_CHARGES, "get", "export_workspace_charges"),
    (paths::EXPORT_WORKSPACE_ADVICE, "get", "export_workspace_advice"),
    (paths::EXPORT_JOB_ATTEMPTS, "get", "export_job_attempts"),
    (paths::EXPORT_JOB_LOG, "get", "export_job_log"),
    (paths::EXPORT_JOB_PROBLEMS, "get", "export_job_problems"),
    (paths::AUDIT_ENTRY, "get", "fetch_audit_entry"),
    (paths::USERS, "get", "list_users"),
    (paths::USER, "get", "fetch_user"),
    (paths::USER, "patch", "update_user"),
    (paths::USER, "delete", "delete_user"),
    (paths::USER_GRANTS, "put", "set_user_grants"),
    (paths::PERMISSIONS, "get", "list_permissions"),
    (paths::ROLES, "get", "list_roles"),
    (paths::ROLES, "post", "create_role"),
    (paths::ROLE, "get", "fetch_role"),
    (paths::ROLE, "patch", "update_role"),
    (paths::ROLE, "delete", "delete_role"),
    (paths::ASSISTANT, "get", "fetch_assistant"),
    (paths::SETTINGS, "get", "fetch_settings"),
    (paths::ASSISTANT_STATS, "get", "fetch_assistant_stats"),
    (paths::CONVERSATIONS, "get", "list_conversations"),
    (paths::CONVERSATIONS, "post", "create_conversation"),
    (paths::CONVERSATION, "get", "fetch_conversation"),
    (paths::CONVERSATION, "patch", "update_conversation"),
    (paths::CONVERSATION, "delete", "delete_conversation"),
    (paths::CONVERSATION_TURNS, "post", "ask_question"),
    (paths::TURN, "patch", "rate_answer"),
    (paths::TURN_ANSWER, "post", "answer_question"),
    (paths::TURN_RETRY, "post", "retry_answer"),
    (paths::TEAMS, "get", "list_teams"),
    (paths::TEAMS, "post", "create_team"),
    (paths::TEAM, "get", "fetch_team"),
    (paths::TEAM, "patch", "update_team"),
    (paths::TEAM, "delete", "delete_team"),
    (paths::TEAM_MEMBERS, "put", "set_team_members"),
    (paths::INVITATIONS, "get", "list_invitations"),
    (paths::INVITATIONS, "post", "create_invitation"),
    (paths::INVITATION, "delete", "revoke_invitation"),
    (paths::INVITATION_RESEND, "post", "resend_invitation"),
    (paths::INVITATION_ACCEPT, "post", "accept_invitation"),
    (paths::OPENAPI, "get", "fetch_openapi"),
];

/// Operations that need no session.
const OPEN: &[&str] = &[
    "accept_invitation",
    "confirm_password_reset",
    "create_owner",
    "create_session",
    "fetch_linked_report",
    "fetch_oidc",
    "fetch_openapi",
    "fetch_setup",
    "finish_oidc",
    "finish_sign_in",
    "report_portal_error",
    "request_email_code",
    "request_password_reset",
    "start_oidc",
    "verify_email_code",
];

/// Of these, those that try a password or a code.
const TRIES: &[&str] = &["create_session", "finish_sign_in", "verify_email_code"];

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let methods = |path: &String, item: &Value| {
        let methods = item.as_object().expect("a path item").clone();
        let path = path.clone();
        methods.into_iter().filter(|(_, o)| o["operationId"].is_string()).map(move |(m, o)| (path.clone(), m, o))
    };
    paths.iter().flat_map(|(path, item)| methods(path, item).collect::<Vec<_>>()).collect()
}

#[test]
fn it_is_openapi_3_1_and_complete() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["info"]["version"].is_string() && document["info"]["title"] == "Wheelhouse");
    let cookie = &document["components"]["securitySchemes"]["session"];
    assert_eq!((cookie["in"].as_str(), cookie["name"].as_str()), (Some("cookie"), Some("__Host-wheelhouse")));
    let mut found: Vec<_> = operations(&document)
        .into_iter()
        .map(|(path, method, operation)| (path, method, operation["operationId"].as_str().unwrap().to_owned()))
        .collect();
    found.sort();
    let mut expected: Vec<_> =
        OPERATIONS.iter().map(|(p, m, id)| ((*p).to_owned(), (*m).to_owned(), (*id).to_owned())).collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_operation_tells_its_errors_as_problems() {
    for (path, method, operation) in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap();
        let responses = operation["responses"].as_object().expect("responses");
        let mut statuses = BTreeMap::new();
        for (status, response) in responses {
            let status: u16 = status.parse().expect("a status");
            if status >= 400 {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{id} {status}");
            }
            statuses.insert(status, ());
        }
        let has = |status| statuses.contains_key(&status);
        assert!(has(408) && has(500) && has(503), "{id}");
        assert_eq!(has(401), !OPEN.contains(&id) || TRIES.contains(&id), "{id}");
        assert_eq!(operation["security"].is_array(), !OPEN.contains(&id), "{id}");
        if method != "get" {
            assert!(has(403), "{id} can come from another site");
        }
        if operation["requestBody"].is_object() {
            assert!(has(400) && has(413) && has(415) && has(422), "{id} takes a body");
        }
        if path.contains('{') {
            assert!(has(400) && has(404), "{id} names an object");
        }
        if operation["parameters"].as_array().is_some_and(|p| p.iter().any(|p| p["in"] == "query")) {
            assert!(has(400), "{id} takes a query");
        }
        assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{id}");
    }
}

#[test]
fn what_creates_something_can_be_asked_for_once_and_edits_on_a_condition() {
    let (mut creating, mut editing) = (0, 0);
    for (path, method, operation) in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap();
        let takes = |name: &str| {
            operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|p| p["in"] == "header" && p["name"] == name))
        };
        // Beginning with an authenticator app anew replaces what was begun: there is never a second one.
        let replaces = id == "begin_totp";
        if method == "post" && operation["responses"]["201"].is_object() && !OPEN.contains(&id) && !replaces {
            assert!(takes("Idempotency-Key"), "{id} creates something");
            creating += 1;
        }
        // Codes of one status do not hide each other.
        let told = |status: &str, code: &str| {
            operation["responses"][status]["description"].as_str().is_some_and(|text| text.contains(code))
        };
        if takes("Idempotency-Key") {
            assert!(told("400", "invalid_header") && told("409", "idempotency_in_progress"), "{id}");
            assert!(told("422", "idempotency_mismatch"), "{id}");
            assert!(told("422", "invalid_body") == operation["requestBody"].is_object(), "{id}");
        }
        if takes("If-Match") {
            assert!(told("412", "precondition_failed") && told("400", "invalid_header"), "{id}");
            assert!(told("400", "invalid_path") == path.contains('{'), "{id}");
            editing += 1;
        }
        assert!(operation["responses"]["429"].is_object(), "{id}");
    }
    assert!(creating >= 5 && editing >= 5, "{creating} and {editing}");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                into.push(reference.clone());
            }
            fields.values().for_each(|field| collect(field, into));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        _ => {}
    }
}

#[test]
fn path_parameters_are_those_of_the_path() {
    for (path, _, operation) in operations(&document()) {
        let named: Vec<_> = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let documented: Vec<_> =
            parameters.iter().filter(|p| p["in"] == "path").filter_map(|p| p["name"].as_str()).collect();
        assert_eq!(named, documented, "{path}");
    }
}
