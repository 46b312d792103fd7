//! The table: what each operation answers to whom, written by hand. An operation that is not in it fails the test, and so does
//! an answer that is another. To add an operation: a line here; if its path names an object of a new kind, that in `objects.rs`; if it
//! changes something, its body in `objects::body`.
//!
//! Each text has a letter for each column:
//!
//! | letter | the answer |
//! |---|---|
//! | `+` | let through: done, or refused for another reason than who asks (a body, a state) |
//! | `x` | 403: not for this one |
//! | `s` | 403 `step_up_required`: not for a key |
//! | `-` | 404: there is no such thing, for this one |
//! | `u` | 401 |

use domain::access::Permission::{self, *};

/// An operation and its row.
pub struct Op {
    /// The method.
    pub method: &'static str,
    /// The path, as in the OpenAPI document.
    pub path: &'static str,
    /// The permission that an API key must be for; `None` where none is needed, or no key helps.
    pub needs: Option<Permission>,
    /// Owner, admin, operator, approver, auditor, viewer, member, each over everything.
    pub everywhere: &'static str,
    /// The same, each within account A (the member: their desktop in it), to an object in it.
    pub own: &'static str,
    /// The same, to an object of account B; of somebody else, where objects belong to people. Empty where there is no object.
    pub foreign: &'static str,
    /// Signed out, expired session, revoked session; then API keys of an owner: for everything, for everything but what is needed,
    /// revoked, expired.
    pub others: &'static str,
}

const fn op(
    method: &'static str,
    path: &'static str,
    needs: Option<Permission>,
    [everywhere, own, foreign]: [&'static str; 3],
    others: &'static str,
) -> Op {
    Op { method, path, needs, everywhere, own, foreign, others }
}

/// By session or key.
const KEY: &str = "uuu+xuu";
/// Dangerous: by a session that was proved lately.
const PROOF: &str = "uuusxuu";
/// By session or key, whatever the key is for.
const ANY: &str = "uuu++uu";
/// By a session only.
const SESSION: &str = "uuuxxuu";
/// By anybody.
const OPEN: &str = "+++++++";
/// By anybody; what is sent here is refused with 401 for itself.
const SIGN_IN: &str = "uuuuuuu";

/// For those who are not signed in: roles don't matter.
const NOBODY: [&str; 3] = ["", "", ""];
/// For everybody who is signed in.
const EVERYBODY: [&str; 3] = ["+++++++", "+++++++", ""];

/// What is one's own, whatever one holds; another's is not there.
const OWN_ONLY: [&str; 3] = ["+++++++", "+++++++", "-------"];

/// What belongs to no part of the fleet: those who have the permission everywhere; nobody within a part.
const READERS: [&str; 3] = ["++xx+xx", "xxxxxxx", ""];
const READERS_OF_ONE: [&str; 3] = ["++xx+xx", "xxxxxxx", "xxxxxxx"];
const KEEPERS: [&str; 3] = ["++xxxxx", "xxxxxxx", ""];
const KEEPERS_OF_ONE: [&str; 3] = ["++xxxxx", "xxxxxxx", "xxxxxxx"];
const OPERATORS_EVERYWHERE: [&str; 3] = ["+++xxxx", "xxxxxxx", ""];

/// Actions that people don't do to their own desktop. Another's is an item of the answer.
const FLEET_OPERATORS: [&str; 3] = ["+++xxxx", "+++xxxx", "+++xxxx"];
/// What can't be taken back is for those who run the installation.
const FLEET_ADMINS: [&str; 3] = ["++xxxxx", "++xxxxx", "++xxxxx"];

/// Lists: each shows its part.
const STAFF: [&str; 3] = ["++++++x", "++++++x", ""];
/// One of a list: another's is not there.
const STAFF_OF_ONE: [&str; 3] = ["++++++x", "++++++x", "------x"];

#[rustfmt::skip]
pub const TABLE: &[Op] = &[
    op("GET", "/api/v1/openapi.json", None, NOBODY, OPEN),
    op("GET", "/api/v1/setup", None, NOBODY, OPEN),
    op("POST", "/api/v1/setup", None, NOBODY, OPEN),
    // Signing in and out.
    op("POST", "/api/v1/session", None, NOBODY, SIGN_IN),
    op("GET", "/api/v1/session", None, EVERYBODY, SESSION),
    op("DELETE", "/api/v1/session", None, EVERYBODY, SESSION),
    op("POST", "/api/v1/session/second-factor", None, NOBODY, OPEN),
    op("POST", "/api/v1/session/email-code", None, NOBODY, OPEN),
    op("POST", "/api/v1/session/email-code/verify", None, NOBODY, OPEN),
    op("POST", "/api/v1/password-reset", None, NOBODY, OPEN),
    op("POST", "/api/v1/password-reset/confirm", None, NOBODY, OPEN),
    // Single sign-on is off here.
    op("GET", "/api/v1/oidc", None, NOBODY, OPEN),
    op("GET", "/api/v1/oidc/start", None, NOBODY, OPEN),
    op("GET", "/api/v1/oidc/callback", None, NOBODY, OPEN),
    op("POST", "/api/v1/oidc/link", None, ["-------", "-------", ""], SESSION),
    op("DELETE", "/api/v1/oidc/link", None, EVERYBODY, SESSION),
    op("POST", "/api/v1/oidc/proof", None, ["-------", "-------", ""], SESSION),
    op("POST", "/api/v1/session/proof", None, EVERYBODY, SESSION),
    // The fleet.
    op("GET", "/api/v1/events", None, EVERYBODY, ANY),
    op("GET", "/api/v1/overview", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/workspaces", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/workspaces/facets", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/workspaces/tag-keys", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/directories", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/bundles", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/images", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/quotas", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/workspaces/ids", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/workspaces/{workspace_id}", Some(WorkspaceRead), ["+++++++", "+++++++", "-------"], KEY),
    op("GET", "/api/v1/workspaces/{workspace_id}/advice", Some(CostRead), STAFF_OF_ONE, KEY),
    op("GET", "/api/v1/workspaces/{workspace_id}/timeline", Some(WorkspaceRead), ["+++++++", "+++++++", "-------"], KEY),
    // Another's WorkSpace is an item of the answer that is not found (see `objects::check`).
    op("POST", "/api/v1/workspaces/start", Some(WorkspaceStart), ["+++xxx+", "+++xxx+", "+++xxx+"], KEY),
    op("POST", "/api/v1/workspaces/stop", Some(WorkspaceStop), ["+++xxx+", "+++xxx+", "+++xxx+"], KEY),
    op("POST", "/api/v1/workspaces/reboot", Some(WorkspaceReboot), ["+++xxx+", "+++xxx+", "+++xxx+"], KEY),
    // Looked at beforehand; done they want a proof as well (see `api_actions`).
    op("POST", "/api/v1/workspaces/rebuild", Some(WorkspaceRebuild), FLEET_OPERATORS, KEY),
    op("POST", "/api/v1/workspaces/restore", Some(WorkspaceRestore), FLEET_OPERATORS, KEY),
    op("POST", "/api/v1/workspaces/terminate", Some(WorkspaceTerminate), FLEET_ADMINS, KEY),
    op("POST", "/api/v1/workspaces/running-mode", Some(WorkspaceModify), FLEET_OPERATORS, KEY),
    op("POST", "/api/v1/workspaces/compute-type", Some(WorkspaceModify), FLEET_OPERATORS, KEY),
    op("POST", "/api/v1/workspaces/volume", Some(WorkspaceModify), FLEET_OPERATORS, KEY),
    op("POST", "/api/v1/workspaces/tags", Some(WorkspaceTag), FLEET_OPERATORS, KEY),
    // Usage.
    op("GET", "/api/v1/usage/summary", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/usage/heat-map", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/usage/trend", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/usage/daily", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/usage/distribution", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/usage/groups", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/usage/ranking", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/usage/unused", Some(UsageRead), EVERYBODY, KEY),
    // Accounts.
    op("GET", "/api/v1/accounts", Some(AccountRead), STAFF, KEY),
    op("POST", "/api/v1/accounts", Some(AccountWrite), KEEPERS, PROOF),
    op("GET", "/api/v1/accounts/{account_id}", Some(AccountRead), STAFF_OF_ONE, KEY),
    op("POST", "/api/v1/accounts/{account_id}/test", Some(AccountWrite), ["++xxxxx", "++xxxxx", "--xxxxx"], KEY),
    op("POST", "/api/v1/accounts/{account_id}/sync", Some(SyncRun), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("GET", "/api/v1/data-sets", Some(AccountRead), STAFF, KEY),
    op("GET", "/api/v1/sync-runs", Some(AccountRead), STAFF, KEY),
    // Jobs. Without the permission there are none but one's own.
    op("GET", "/api/v1/jobs", Some(JobRead), STAFF, KEY),
    op("GET", "/api/v1/jobs/summary", Some(JobRead), STAFF, KEY),
    op("GET", "/api/v1/jobs/{job_id}", Some(JobRead), STAFF_OF_ONE, KEY),
    op("POST", "/api/v1/jobs/{job_id}/cancel", Some(JobWrite), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("POST", "/api/v1/jobs/{job_id}/retry", Some(JobWrite), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    // A schedule is everybody's.
    op("GET", "/api/v1/schedules", Some(JobRead), STAFF, KEY),
    op("PATCH", "/api/v1/schedules/{name}", Some(ScheduleWrite), OPERATORS_EVERYWHERE, KEY),
    op("POST", "/api/v1/schedules/{name}/run", Some(SyncRun), OPERATORS_EVERYWHERE, KEY),
    // Oneself.
    op("GET", "/api/v1/profile", None, EVERYBODY, SESSION),
    op("PATCH", "/api/v1/profile", None, EVERYBODY, SESSION),
    op("DELETE", "/api/v1/profile", None, EVERYBODY, SESSION),
    op("GET", "/api/v1/profile/export", None, EVERYBODY, SESSION),
    op("PUT", "/api/v1/profile/password", None, EVERYBODY, SESSION),
    op("POST", "/api/v1/profile/totp", None, EVERYBODY, SESSION),
    op("DELETE", "/api/v1/profile/totp", None, EVERYBODY, SESSION),
    op("POST", "/api/v1/profile/totp/confirm", None, EVERYBODY, SESSION),
    op("POST", "/api/v1/profile/recovery-codes", None, EVERYBODY, SESSION),
    // Sessions.
    op("GET", "/api/v1/profile/sessions", None, EVERYBODY, SESSION),
    op("DELETE", "/api/v1/profile/sessions", None, EVERYBODY, SESSION),
    op("DELETE", "/api/v1/profile/sessions/{session_id}", None, ["+++++++", "+++++++", "-------"], SESSION),
    op("GET", "/api/v1/users/{user_id}/sessions", Some(UserRead), READERS_OF_ONE, KEY),
    op("DELETE", "/api/v1/users/{user_id}/sessions", Some(UserWrite), KEEPERS_OF_ONE, PROOF),
    // API keys: one's own; those who manage them everywhere see everybody's.
    op("GET", "/api/v1/api-keys", None, EVERYBODY, ANY),
    op("POST", "/api/v1/api-keys", Some(KeyWrite), ["+++xxxx", "+++xxxx", ""], PROOF),
    op("GET", "/api/v1/api-keys/{key_id}", None, ["+++++++", "+++++++", "-------"], ANY),
    op("PATCH", "/api/v1/api-keys/{key_id}", None, ["+++++++", "+++++++", "-------"], ANY),
    op("DELETE", "/api/v1/api-keys/{key_id}", None, ["+++++++", "+++++++", "-------"], ANY),
    op("POST", "/api/v1/api-keys/{key_id}/rotate", Some(KeyWrite), ["+++xxxx", "+++xxxx", "---xxxx"], PROOF),
    // People and what they hold.
    op("GET", "/api/v1/users", Some(UserRead), READERS, KEY),
    op("GET", "/api/v1/users/{user_id}", Some(UserRead), READERS_OF_ONE, KEY),
    op("PATCH", "/api/v1/users/{user_id}", Some(UserWrite), KEEPERS_OF_ONE, KEY),
    op("DELETE", "/api/v1/users/{user_id}", Some(UserWrite), KEEPERS_OF_ONE, PROOF),
    op("PUT", "/api/v1/users/{user_id}/grants", Some(UserWrite), KEEPERS_OF_ONE, PROOF),
    op("GET", "/api/v1/permissions", Some(UserRead), ["++xx+xx", "++xx+xx", ""], KEY),
    op("GET", "/api/v1/roles", Some(UserRead), READERS, KEY),
    op("POST", "/api/v1/roles", Some(RoleWrite), KEEPERS, PROOF),
    op("GET", "/api/v1/roles/{role_id}", Some(UserRead), READERS_OF_ONE, KEY),
    op("PATCH", "/api/v1/roles/{role_id}", Some(RoleWrite), KEEPERS_OF_ONE, PROOF),
    op("DELETE", "/api/v1/roles/{role_id}", Some(RoleWrite), KEEPERS_OF_ONE, PROOF),
    op("GET", "/api/v1/teams", Some(UserRead), READERS, KEY),
    op("POST", "/api/v1/teams", Some(TeamWrite), KEEPERS, KEY),
    op("GET", "/api/v1/teams/{team_id}", Some(UserRead), READERS_OF_ONE, KEY),
    op("PATCH", "/api/v1/teams/{team_id}", Some(TeamWrite), KEEPERS_OF_ONE, KEY),
    op("DELETE", "/api/v1/teams/{team_id}", Some(TeamWrite), KEEPERS_OF_ONE, PROOF),
    op("PUT", "/api/v1/teams/{team_id}/members", Some(TeamWrite), KEEPERS_OF_ONE, PROOF),
    op("GET", "/api/v1/invitations", Some(UserRead), READERS, KEY),
    op("POST", "/api/v1/invitations", Some(UserWrite), KEEPERS, PROOF),
    op("DELETE", "/api/v1/invitations/{invitation_id}", Some(UserWrite), KEEPERS_OF_ONE, KEY),
    op("POST", "/api/v1/invitations/{invitation_id}/resend", Some(UserWrite), KEEPERS_OF_ONE, PROOF),
    op("POST", "/api/v1/invitations/accept", None, NOBODY, OPEN),
    // What the process was started with.
    op("GET", "/api/v1/settings", Some(SystemRead), READERS, KEY),
    // What the portal tells of itself: when it stops, from anybody; what it did, from who is signed in.
    op("POST", "/api/v1/portal-errors", None, NOBODY, OPEN),
    op("POST", "/api/v1/portal-spans", None, EVERYBODY, SESSION),
    // The assistant: everybody's own conversations.
    op("GET", "/api/v1/assistant", Some(AssistantUse), EVERYBODY, KEY),
    op("GET", "/api/v1/assistant/stats", Some(SystemRead), READERS, KEY),
    op("GET", "/api/v1/assistant/conversations", Some(AssistantUse), EVERYBODY, KEY),
    op("POST", "/api/v1/assistant/conversations", Some(AssistantUse), EVERYBODY, KEY),
    op("GET", "/api/v1/assistant/conversations/{conversation_id}", Some(AssistantUse), OWN_ONLY, KEY),
    op("PATCH", "/api/v1/assistant/conversations/{conversation_id}", Some(AssistantUse), OWN_ONLY, KEY),
    op("DELETE", "/api/v1/assistant/conversations/{conversation_id}", Some(AssistantUse), OWN_ONLY, KEY),
    op("POST", "/api/v1/assistant/conversations/{conversation_id}/turns", Some(AssistantUse), OWN_ONLY, KEY),
    op("PATCH", "/api/v1/assistant/turns/{turn_id}", Some(AssistantUse), OWN_ONLY, KEY),
    op("POST", "/api/v1/assistant/turns/{turn_id}/answer", Some(AssistantUse), OWN_ONLY, KEY),
    op("POST", "/api/v1/assistant/turns/{turn_id}/retry", Some(AssistantUse), OWN_ONLY, KEY),
    // AWS's events: what lies within the scope.
    op("GET", "/api/v1/trail/events", Some(AuditRead), ["++xx+xx", "++xx+xx", ""], KEY),
    op("GET", "/api/v1/trail/events/{event_id}", Some(AuditRead), ["++xx+xx", "++xx+xx", "--xx-xx"], KEY),
    op("GET", "/api/v1/trail/facets", Some(AuditRead), ["++xx+xx", "++xx+xx", ""], KEY),
    op("GET", "/api/v1/trail/coverage", Some(AuditRead), ["++xx+xx", "++xx+xx", ""], KEY),
    // Both records: of our own log nothing is shown within a part.
    op("GET", "/api/v1/activity", Some(AuditRead), ["++xx+xx", "++xx+xx", ""], KEY),
    // One's own desktops, and what people ask for. Withdrawing is for whoever asked.
    op("GET", "/api/v1/desktop", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/requests", Some(RequestRead), ["+++++x+", "+++++x+", ""], KEY),
    op("POST", "/api/v1/requests", Some(RequestCreate), ["+++xxx+", "+++xxx+", ""], KEY),
    op("GET", "/api/v1/requests/{request_id}", Some(RequestRead), ["+++++x+", "+++++x+", "-----x-"], KEY),
    op("DELETE", "/api/v1/requests/{request_id}", Some(RequestCreate), ["+++xxx+", "+++xxx+", "---xxx-"], KEY),
    // Costs are of whole accounts; the member has none of them.
    op("GET", "/api/v1/costs/summary", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/costs/daily", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/costs/groups", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/costs/forecast", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/costs/workspaces", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/costs/estimates", Some(CostRead), STAFF, KEY),
    // Without its account it is a wrong query.
    op("GET", "/api/v1/costs/reconciliation", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/costs/reconciliation/accounts", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/budgets", Some(CostRead), STAFF, KEY),
    op("POST", "/api/v1/budgets", Some(BudgetManage), ["++xxxxx", "++xxxxx", ""], KEY),
    op("GET", "/api/v1/budgets/{budget_id}", Some(CostRead), STAFF_OF_ONE, KEY),
    op("PATCH", "/api/v1/budgets/{budget_id}", Some(BudgetManage), ["++xxxxx", "++xxxxx", "--xxxxx"], KEY),
    op("DELETE", "/api/v1/budgets/{budget_id}", Some(BudgetManage), ["++xxxxx", "++xxxxx", "--xxxxx"], KEY),
    // Views: one's own; those that others share are of `api_views`.
    op("GET", "/api/v1/views", None, EVERYBODY, SESSION),
    op("POST", "/api/v1/views", None, EVERYBODY, SESSION),
    op("GET", "/api/v1/views/{view_id}", None, OWN_ONLY, SESSION),
    op("PATCH", "/api/v1/views/{view_id}", None, OWN_ONLY, SESSION),
    op("DELETE", "/api/v1/views/{view_id}", None, OWN_ONLY, SESSION),
    // The audit log is about everything.
    op("GET", "/api/v1/audit-log", Some(AuditRead), READERS, KEY),
    op("GET", "/api/v1/audit-log/facets", Some(AuditRead), READERS, KEY),
    op("GET", "/api/v1/audit-log/state", Some(AuditRead), READERS, KEY),
    // Reports: one's own; who manages them everywhere sees those of others that are about what they may read everywhere.
    op("GET", "/api/v1/reports", Some(ReportRead), STAFF, KEY),
    op("POST", "/api/v1/reports", Some(ReportManage), ["+++xxxx", "+++xxxx", ""], KEY),
    op("GET", "/api/v1/reports/{report_id}", Some(ReportRead), ["++++++x", "++++++x", "------x"], KEY),
    op("PUT", "/api/v1/reports/{report_id}", Some(ReportManage), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("DELETE", "/api/v1/reports/{report_id}", Some(ReportManage), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("GET", "/api/v1/reports/{report_id}/preview", Some(ReportRead), ["++++++x", "++++++x", "------x"], KEY),
    op("POST", "/api/v1/reports/preview", Some(ReportManage), ["+++xxxx", "+++xxxx", ""], KEY),
    op("GET", "/api/v1/reports/{report_id}/runs", Some(ReportRead), ["++++++x", "++++++x", "------x"], KEY),
    op("POST", "/api/v1/reports/{report_id}/runs", Some(ReportManage), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("DELETE", "/api/v1/report-runs/{report_run_id}", Some(ReportManage), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("GET", "/api/v1/report-runs/{report_run_id}/file", Some(ReportRead), ["++++++x", "++++++x", "------x"], KEY),
    op("POST", "/api/v1/report-runs/{report_run_id}/link", Some(ReportManage), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("DELETE", "/api/v1/report-runs/{report_run_id}/link", Some(ReportManage), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("POST", "/api/v1/report-runs/{report_run_id}/deliver", Some(ReportManage), ["+++xxxx", "+++xxxx", "---xxxx"], KEY),
    op("GET", "/api/v1/report-links/{token}", None, ["+++++++", "+++++++", "+++++++"], OPEN),
    // Tables as files: each as its list, however its query is.
    op("GET", "/api/v1/exports/audit-log", Some(AuditExport), READERS, KEY),
    op("GET", "/api/v1/exports/workspaces", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/usage", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/costs", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/exports/trail", Some(AuditRead), ["++xx+xx", "++xx+xx", ""], KEY),
    op("GET", "/api/v1/exports/activity", Some(AuditRead), ["++xx+xx", "++xx+xx", ""], KEY),
    op("GET", "/api/v1/exports/jobs", Some(JobRead), STAFF, KEY),
    op("GET", "/api/v1/exports/sync-runs", Some(AccountRead), STAFF, KEY),
    op("GET", "/api/v1/exports/data-sets", Some(AccountRead), STAFF, KEY),
    op("GET", "/api/v1/exports/users", Some(UserRead), READERS, KEY),
    op("GET", "/api/v1/exports/users/{user_id}/grants", Some(UserRead), READERS_OF_ONE, KEY),
    op("GET", "/api/v1/exports/cost-estimates", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/exports/cost-groups", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/exports/workspace-costs", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/exports/reconciliation", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/exports/reconciliation-accounts", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/exports/budgets", Some(CostRead), STAFF, KEY),
    op("GET", "/api/v1/exports/usage-groups", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/usage-ranking", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/usage-unused", Some(UsageRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/workspaces/{workspace_id}/timeline", Some(WorkspaceRead), ["+++++++", "+++++++", "-------"], KEY),
    op("GET", "/api/v1/exports/workspaces/{workspace_id}/tags", Some(WorkspaceRead), ["+++++++", "+++++++", "-------"], KEY),
    op("GET", "/api/v1/exports/jobs/{job_id}/items", Some(JobRead), STAFF_OF_ONE, KEY),
    op("GET", "/api/v1/exports/schedules", Some(JobRead), STAFF, KEY),
    op("GET", "/api/v1/exports/requests", Some(RequestRead), ["+++++x+", "+++++x+", ""], KEY),
    op("GET", "/api/v1/exports/accounts", Some(AccountRead), STAFF, KEY),
    op("GET", "/api/v1/exports/account-regions", Some(AccountRead), STAFF, KEY),
    op("GET", "/api/v1/exports/directories", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/bundles", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/images", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/quotas", Some(WorkspaceRead), EVERYBODY, KEY),
    op("GET", "/api/v1/exports/teams", Some(UserRead), READERS, KEY),
    op("GET", "/api/v1/exports/roles", Some(UserRead), READERS, KEY),
    op("GET", "/api/v1/exports/invitations", Some(UserRead), READERS, KEY),
    op("GET", "/api/v1/exports/api-keys", None, EVERYBODY, ANY),
    op("GET", "/api/v1/exports/reports", Some(ReportRead), STAFF, KEY),
    op("GET", "/api/v1/exports/reports/{report_id}/runs", Some(ReportRead), ["++++++x", "++++++x", "------x"], KEY),
    op("GET", "/api/v1/exports/settings", Some(SystemRead), READERS, KEY),
    op("GET", "/api/v1/exports/assistant-levels", Some(SystemRead), READERS, KEY),
    op("GET", "/api/v1/exports/workspaces/{workspace_id}/charges", Some(CostRead), STAFF_OF_ONE, KEY),
    op("GET", "/api/v1/exports/workspaces/{workspace_id}/advice", Some(CostRead), STAFF_OF_ONE, KEY),
    op("GET", "/api/v1/exports/jobs/{job_id}/attempts", Some(JobRead), STAFF_OF_ONE, KEY),
    op("GET", "/api/v1/exports/jobs/{job_id}/log", Some(JobRead), STAFF_OF_ONE, KEY),
    op("GET", "/api/v1/exports/jobs/{job_id}/problems", Some(JobRead), STAFF_OF_ONE, KEY),
    op("GET", "/api/v1/audit-log/{seq}", Some(AuditRead), READERS_OF_ONE, KEY),
];
