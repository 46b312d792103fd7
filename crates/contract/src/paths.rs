//! The paths of the API. The router and the portal both take them from here.

/// The prefix of every versioned path.
pub const V1: &str = "/api/v1";

/// POST: create the owner with the one-time token. GET: whether that is still to be done.
pub const SETUP: &str = "/api/v1/setup";
/// POST: sign in. GET: who is signed in. DELETE: sign out.
pub const SESSION: &str = "/api/v1/session";
/// POST: prove again who you are, so that dangerous actions are allowed for a while.
pub const SESSION_PROOF: &str = "/api/v1/session/proof";
/// GET: one's own sessions. DELETE: end all but this one.
pub const PROFILE_SESSIONS: &str = "/api/v1/profile/sessions";
/// DELETE: end one of one's own sessions.
pub const PROFILE_SESSION: &str = "/api/v1/profile/sessions/{session_id}";
/// GET: the sessions of a user. DELETE: end them all.
pub const USER_SESSIONS: &str = "/api/v1/users/{user_id}/sessions";
/// GET: the API keys. POST: make one.
pub const API_KEYS: &str = "/api/v1/api-keys";
/// GET: one API key. PATCH: change it. DELETE: revoke it.
pub const API_KEY: &str = "/api/v1/api-keys/{key_id}";
/// POST: replace it by a new one.
pub const API_KEY_ROTATE: &str = "/api/v1/api-keys/{key_id}/rotate";
/// POST: go on with a sign-in by a second factor.
pub const SESSION_SECOND_FACTOR: &str = "/api/v1/session/second-factor";
/// POST: send a code to sign in with.
pub const SESSION_EMAIL_CODE: &str = "/api/v1/session/email-code";
/// POST: sign in by a mailed code.
pub const SESSION_EMAIL_CODE_VERIFY: &str = "/api/v1/session/email-code/verify";
/// POST: send a link to a new password.
pub const PASSWORD_RESET: &str = "/api/v1/password-reset";
/// POST: set a new password by a mailed link.
pub const PASSWORD_RESET_CONFIRM: &str = "/api/v1/password-reset/confirm";
/// POST: tell that the portal stopped in a browser.
pub const PORTAL_ERRORS: &str = "/api/v1/portal-errors";
/// POST: tell what the portal did in a browser, as spans of traces.
pub const PORTAL_SPANS: &str = "/api/v1/portal-spans";
/// GET: oneself. PATCH: change the name to show. DELETE: delete oneself.
pub const PROFILE: &str = "/api/v1/profile";
/// GET: one's own data as an archive.
pub const PROFILE_EXPORT: &str = "/api/v1/profile/export";
/// PUT: change one's password.
pub const PROFILE_PASSWORD: &str = "/api/v1/profile/password";
/// POST: begin with codes of an app. DELETE: turn them off.
pub const PROFILE_TOTP: &str = "/api/v1/profile/totp";
/// POST: turn codes on, with the first of them.
pub const PROFILE_TOTP_CONFIRM: &str = "/api/v1/profile/totp/confirm";
/// POST: new recovery codes.
pub const PROFILE_RECOVERY_CODES: &str = "/api/v1/profile/recovery-codes";
/// GET: whether people may sign in at an OpenID provider.
pub const OIDC: &str = "/api/v1/oidc";
/// GET, for browsers: begin to sign in at the OpenID provider.
pub const OIDC_START: &str = "/api/v1/oidc/start";
/// GET, for browsers: come back from the OpenID provider.
pub const OIDC_CALLBACK: &str = "/api/v1/oidc/callback";
/// POST: join oneself to a person of the OpenID provider. DELETE: take oneself apart from it.
pub const OIDC_LINK: &str = "/api/v1/oidc/link";
/// POST: prove at the OpenID provider who you are, so that dangerous actions are allowed for a while.
pub const OIDC_PROOF: &str = "/api/v1/oidc/proof";
/// GET: the assistant: its levels, suggestions, one's own quota.
pub const ASSISTANT: &str = "/api/v1/assistant";
/// GET: how often each level spoke or failed.
pub const ASSISTANT_STATS: &str = "/api/v1/assistant/stats";
/// GET: one's own conversations. POST: begin one.
pub const CONVERSATIONS: &str = "/api/v1/assistant/conversations";
/// GET: one conversation with its turns. PATCH: rename it. DELETE: remove it.
pub const CONVERSATION: &str = "/api/v1/assistant/conversations/{conversation_id}";
/// POST: ask something; the answer is fetched from [`TURN_ANSWER`].
pub const CONVERSATION_TURNS: &str = "/api/v1/assistant/conversations/{conversation_id}/turns";
/// PATCH: thumb an answer.
pub const TURN: &str = "/api/v1/assistant/turns/{turn_id}";
/// POST: answer it, as a stream of events; an answer that is there already is told again.
pub const TURN_ANSWER: &str = "/api/v1/assistant/turns/{turn_id}/answer";
/// POST: forget the answer and answer anew.
pub const TURN_RETRY: &str = "/api/v1/assistant/turns/{turn_id}/retry";
/// GET: the fleet in numbers.
pub const OVERVIEW: &str = "/api/v1/overview";
/// GET: the accounts. POST: connect one.
pub const ACCOUNTS: &str = "/api/v1/accounts";
/// GET: one account.
pub const ACCOUNT: &str = "/api/v1/accounts/{account_id}";
/// POST: try the connection, each permission by itself.
pub const ACCOUNT_TEST: &str = "/api/v1/accounts/{account_id}/test";
/// POST: sync the account's inventory now.
pub const ACCOUNT_SYNC: &str = "/api/v1/accounts/{account_id}/sync";
/// GET: the WorkSpaces.
pub const WORKSPACES: &str = "/api/v1/workspaces";
/// GET: the values to filter by, with counts.
pub const WORKSPACE_FACETS: &str = "/api/v1/workspaces/facets";
/// GET: the keys of tags.
pub const WORKSPACE_TAG_KEYS: &str = "/api/v1/workspaces/tag-keys";
/// GET: the directories.
pub const DIRECTORIES: &str = "/api/v1/directories";
/// GET: the bundles.
pub const BUNDLES: &str = "/api/v1/bundles";
/// GET: the images.
pub const IMAGES: &str = "/api/v1/images";
/// GET: the quotas.
pub const QUOTAS: &str = "/api/v1/quotas";
/// GET: which WorkSpaces match.
pub const WORKSPACE_IDS: &str = "/api/v1/workspaces/ids";
/// POST: start.
pub const WORKSPACES_START: &str = "/api/v1/workspaces/start";
/// POST: stop.
pub const WORKSPACES_STOP: &str = "/api/v1/workspaces/stop";
/// POST: reboot.
pub const WORKSPACES_REBOOT: &str = "/api/v1/workspaces/reboot";
/// POST: rebuild.
pub const WORKSPACES_REBUILD: &str = "/api/v1/workspaces/rebuild";
/// POST: restore.
pub const WORKSPACES_RESTORE: &str = "/api/v1/workspaces/restore";
/// POST: terminate.
pub const WORKSPACES_TERMINATE: &str = "/api/v1/workspaces/terminate";
/// POST: change running mode and time-out.
pub const WORKSPACES_RUNNING_MODE: &str = "/api/v1/workspaces/running-mode";
/// POST: change the compute type.
pub const WORKSPACES_COMPUTE_TYPE: &str = "/api/v1/workspaces/compute-type";
/// POST: enlarge a volume.
pub const WORKSPACES_VOLUME: &str = "/api/v1/workspaces/volume";
/// POST: set and remove tags.
pub const WORKSPACES_TAGS: &str = "/api/v1/workspaces/tags";
/// GET: one WorkSpace.
pub const WORKSPACE: &str = "/api/v1/workspaces/{workspace_id}";
/// GET: what is recommended for one WorkSpace.
pub const WORKSPACE_ADVICE: &str = "/api/v1/workspaces/{workspace_id}/advice";
/// GET: what happened to one WorkSpace.
pub const WORKSPACE_TIMELINE: &str = "/api/v1/workspaces/{workspace_id}/timeline";
/// GET: the jobs.
pub const JOBS: &str = "/api/v1/jobs";
/// GET: the queue in numbers.
pub const JOB_SUMMARY: &str = "/api/v1/jobs/summary";
/// GET: one job with its attempts and the end of its log.
pub const JOB: &str = "/api/v1/jobs/{job_id}";
/// POST: cancel it.
pub const JOB_CANCEL: &str = "/api/v1/jobs/{job_id}/cancel";
/// POST: try a dead or cancelled job again.
pub const JOB_RETRY: &str = "/api/v1/jobs/{job_id}/retry";
/// GET: the schedules.
pub const SCHEDULES: &str = "/api/v1/schedules";
/// PATCH: change a schedule's period, pause it, resume it.
pub const SCHEDULE: &str = "/api/v1/schedules/{name}";
/// POST: run everything of a schedule now.
pub const SCHEDULE_RUN: &str = "/api/v1/schedules/{name}/run";
/// GET: how fresh and complete the data is.
pub const DATA_SETS: &str = "/api/v1/data-sets";
/// GET: usage in all, with the days before.
pub const USAGE_SUMMARY: &str = "/api/v1/usage/summary";
/// GET: usage by hour and weekday.
pub const USAGE_HEAT_MAP: &str = "/api/v1/usage/heat-map";
/// GET: usage by day.
pub const USAGE_TREND: &str = "/api/v1/usage/trend";
/// GET: usage by day, told apart.
pub const USAGE_DAILY: &str = "/api/v1/usage/daily";
/// GET: how many WorkSpaces were connected for how long.
pub const USAGE_DISTRIBUTION: &str = "/api/v1/usage/distribution";
/// GET: usage by group.
pub const USAGE_GROUPS: &str = "/api/v1/usage/groups";
/// GET: the WorkSpaces that were connected longest or shortest.
pub const USAGE_RANKING: &str = "/api/v1/usage/ranking";
/// GET: the WorkSpaces that nobody was connected to.
pub const USAGE_UNUSED: &str = "/api/v1/usage/unused";
/// GET: the sync runs.
pub const SYNC_RUNS: &str = "/api/v1/sync-runs";
/// GET: the live stream (Server-Sent Events).
pub const EVENTS: &str = "/api/v1/events";
/// GET: the running month's costs at a glance.
pub const COSTS_SUMMARY: &str = "/api/v1/costs/summary";
/// GET: costs by day.
pub const COSTS_DAILY: &str = "/api/v1/costs/daily";
/// GET: costs by group.
pub const COSTS_GROUPS: &str = "/api/v1/costs/groups";
/// GET: what a month will come to.
pub const COSTS_FORECAST: &str = "/api/v1/costs/forecast";
/// GET: what each WorkSpace costs in a month.
pub const COSTS_WORKSPACES: &str = "/api/v1/costs/workspaces";
/// GET: what the fleet costs in a month by our own reckoning, by group.
pub const COSTS_ESTIMATES: &str = "/api/v1/costs/estimates";
/// GET: our estimate of a month against AWS's bill.
pub const COSTS_RECONCILIATION: &str = "/api/v1/costs/reconciliation";
/// GET: the same of every account, in sums.
pub const COSTS_RECONCILIATION_ACCOUNTS: &str = "/api/v1/costs/reconciliation/accounts";
/// GET: the budgets. POST: make one.
pub const BUDGETS: &str = "/api/v1/budgets";
/// GET, PATCH, DELETE: a budget.
pub const BUDGET: &str = "/api/v1/budgets/{budget_id}";
/// GET: our own audit log.
pub const AUDIT_LOG: &str = "/api/v1/audit-log";
/// GET: what there is to filter the audit log by.
pub const AUDIT_FACETS: &str = "/api/v1/audit-log/facets";
/// GET: how the audit log stands.
pub const AUDIT_STATE: &str = "/api/v1/audit-log/state";
/// GET: the audit log as a file.
pub const AUDIT_EXPORT: &str = "/api/v1/exports/audit-log";
/// What every export's path begins with.
pub const EXPORTS: &str = "/api/v1/exports/";
/// GET: the WorkSpaces as a file.
pub const EXPORT_WORKSPACES: &str = "/api/v1/exports/workspaces";
/// GET: usage by WorkSpace as a file.
pub const EXPORT_USAGE: &str = "/api/v1/exports/usage";
/// GET: costs by day as a file.
pub const EXPORT_COSTS: &str = "/api/v1/exports/costs";
/// GET: CloudTrail's events as a file.
pub const EXPORT_TRAIL: &str = "/api/v1/exports/trail";
/// GET: what happened, in AWS and here, as a file.
pub const EXPORT_ACTIVITY: &str = "/api/v1/exports/activity";
/// GET: the jobs as a file.
pub const EXPORT_JOBS: &str = "/api/v1/exports/jobs";
/// GET: the sync runs as a file.
pub const EXPORT_SYNC_RUNS: &str = "/api/v1/exports/sync-runs";
/// GET: the data sets as a file.
pub const EXPORT_DATA_SETS: &str = "/api/v1/exports/data-sets";
/// GET: the people as a file.
pub const EXPORT_USERS: &str = "/api/v1/exports/users";
/// GET: what a person holds as a file.
pub const EXPORT_USER_GRANTS: &str = "/api/v1/exports/users/{user_id}/grants";
/// GET: a month's estimate by group as a file.
pub const EXPORT_COST_ESTIMATES: &str = "/api/v1/exports/cost-estimates";
/// GET: costs by group as a file.
pub const EXPORT_COST_GROUPS: &str = "/api/v1/exports/cost-groups";
/// GET: what each WorkSpace costs in a month as a file.
pub const EXPORT_WORKSPACE_COSTS: &str = "/api/v1/exports/workspace-costs";
/// GET: our estimate of a month against the bill, line by line, as a file.
pub const EXPORT_RECONCILIATION: &str = "/api/v1/exports/reconciliation";
/// GET: the same of every account, in sums, as a file.
pub const EXPORT_RECONCILIATION_ACCOUNTS: &str = "/api/v1/exports/reconciliation-accounts";
/// GET: the budgets as a file.
pub const EXPORT_BUDGETS: &str = "/api/v1/exports/budgets";
/// GET: usage by group as a file.
pub const EXPORT_USAGE_GROUPS: &str = "/api/v1/exports/usage-groups";
/// GET: the ranking of WorkSpaces by usage as a file.
pub const EXPORT_USAGE_RANKING: &str = "/api/v1/exports/usage-ranking";
/// GET: the unused WorkSpaces as a file.
pub const EXPORT_USAGE_UNUSED: &str = "/api/v1/exports/usage-unused";
/// GET: what happened to a WorkSpace as a file.
pub const EXPORT_WORKSPACE_TIMELINE: &str = "/api/v1/exports/workspaces/{workspace_id}/timeline";
/// GET: the tags of a WorkSpace as a file.
pub const EXPORT_WORKSPACE_TAGS: &str = "/api/v1/exports/workspaces/{workspace_id}/tags";
/// GET: the items of a job as a file.
pub const EXPORT_JOB_ITEMS: &str = "/api/v1/exports/jobs/{job_id}/items";
/// GET: the schedules as a file.
pub const EXPORT_SCHEDULES: &str = "/api/v1/exports/schedules";
/// GET: the requests as a file.
pub const EXPORT_REQUESTS: &str = "/api/v1/exports/requests";
/// GET: the accounts as a file.
pub const EXPORT_ACCOUNTS: &str = "/api/v1/exports/accounts";
/// GET: the regions of the accounts as a file.
pub const EXPORT_ACCOUNT_REGIONS: &str = "/api/v1/exports/account-regions";
/// GET: the directories as a file.
pub const EXPORT_DIRECTORIES: &str = "/api/v1/exports/directories";
/// GET: the bundles as a file.
pub const EXPORT_BUNDLES: &str = "/api/v1/exports/bundles";
/// GET: the images as a file.
pub const EXPORT_IMAGES: &str = "/api/v1/exports/images";
/// GET: the quotas as a file.
pub const EXPORT_QUOTAS: &str = "/api/v1/exports/quotas";
/// GET: the teams as a file.
pub const EXPORT_TEAMS: &str = "/api/v1/exports/teams";
/// GET: the roles as a file.
pub const EXPORT_ROLES: &str = "/api/v1/exports/roles";
/// GET: the invitations as a file.
pub const EXPORT_INVITATIONS: &str = "/api/v1/exports/invitations";
/// GET: the API keys as a file.
pub const EXPORT_API_KEYS: &str = "/api/v1/exports/api-keys";
/// GET: the reports as a file.
pub const EXPORT_REPORTS: &str = "/api/v1/exports/reports";
/// GET: the runs of a report as a file.
pub const EXPORT_REPORT_RUNS: &str = "/api/v1/exports/reports/{report_id}/runs";
/// GET: the settings as a file.
pub const EXPORT_SETTINGS: &str = "/api/v1/exports/settings";
/// GET: how often each level of the assistant spoke or failed as a file.
pub const EXPORT_ASSISTANT_LEVELS: &str = "/api/v1/exports/assistant-levels";
/// GET: what a WorkSpace is charged in a month as a file.
pub const EXPORT_WORKSPACE_CHARGES: &str = "/api/v1/exports/workspaces/{workspace_id}/charges";
/// GET: what is recommended for a WorkSpace as a file.
pub const EXPORT_WORKSPACE_ADVICE: &str = "/api/v1/exports/workspaces/{workspace_id}/advice";
/// GET: the attempts of a job as a file.
pub const EXPORT_JOB_ATTEMPTS: &str = "/api/v1/exports/jobs/{job_id}/attempts";
/// GET: the log of a job as a file.
pub const EXPORT_JOB_LOG: &str = "/api/v1/exports/jobs/{job_id}/log";
/// GET: the problems of a sync as a file.
pub const EXPORT_JOB_PROBLEMS: &str = "/api/v1/exports/jobs/{job_id}/problems";
/// GET: the reports. POST: make one.
pub const REPORTS: &str = "/api/v1/reports";
/// GET: one report. PUT: change it. DELETE: remove it with its files.
pub const REPORT: &str = "/api/v1/reports/{report_id}";
/// GET: the first rows of what it would be now.
pub const REPORT_PREVIEW: &str = "/api/v1/reports/{report_id}/preview";
/// POST: the first rows of one that is not kept.
pub const REPORT_DRAFT: &str = "/api/v1/reports/preview";
/// GET: its runs. POST: make it now.
pub const REPORT_RUNS: &str = "/api/v1/reports/{report_id}/runs";
/// DELETE: remove a run with its file.
pub const REPORT_RUN: &str = "/api/v1/report-runs/{report_run_id}";
/// GET: the file of a run.
pub const REPORT_FILE: &str = "/api/v1/report-runs/{report_run_id}/file";
/// POST: a link to the file of a run. DELETE: take the links to it back.
pub const REPORT_LINK: &str = "/api/v1/report-runs/{report_run_id}/link";
/// POST: send the file of a run again to those whom that failed for.
pub const REPORT_DELIVER: &str = "/api/v1/report-runs/{report_run_id}/deliver";
/// GET, for whoever has the link: the file.
pub const REPORT_LINKED: &str = "/api/v1/report-links/{token}";
/// GET: one entry of the audit log.
pub const AUDIT_ENTRY: &str = "/api/v1/audit-log/{seq}";
/// GET: AWS's events.
pub const TRAIL_EVENTS: &str = "/api/v1/trail/events";
/// GET: one of AWS's events with its record.
pub const TRAIL_EVENT: &str = "/api/v1/trail/events/{event_id}";
/// GET: the values to filter AWS's events by.
pub const TRAIL_FACETS: &str = "/api/v1/trail/facets";
/// GET: how far AWS's events are known.
pub const TRAIL_COVERAGE: &str = "/api/v1/trail/coverage";
/// GET: what happened, in AWS and here.
pub const ACTIVITY: &str = "/api/v1/activity";
/// GET: one's own desktops.
pub const DESKTOP: &str = "/api/v1/desktop";
/// GET: the requests. POST: ask for something.
pub const REQUESTS: &str = "/api/v1/requests";
/// GET: one request. DELETE: withdraw it.
pub const REQUEST: &str = "/api/v1/requests/{request_id}";
/// GET: the saved views. POST: keep one.
pub const VIEWS: &str = "/api/v1/views";
/// GET, PATCH, DELETE: a saved view.
pub const VIEW: &str = "/api/v1/views/{view_id}";
/// GET: the people.
pub const USERS: &str = "/api/v1/users";
/// GET: one of them. PATCH: their name, whether they may sign in.
pub const USER: &str = "/api/v1/users/{user_id}";
/// PUT: what they hold.
pub const USER_GRANTS: &str = "/api/v1/users/{user_id}/grants";
/// GET: every permission with the built-in roles that have it.
pub const PERMISSIONS: &str = "/api/v1/permissions";
/// GET: every role. POST: make one.
pub const ROLES: &str = "/api/v1/roles";
/// GET, PATCH, DELETE: a role that somebody made.
pub const ROLE: &str = "/api/v1/roles/{role_id}";
/// GET: the teams. POST: make one.
pub const TEAMS: &str = "/api/v1/teams";
/// GET, PATCH, DELETE: a team.
pub const TEAM: &str = "/api/v1/teams/{team_id}";
/// PUT: who is in it.
pub const TEAM_MEMBERS: &str = "/api/v1/teams/{team_id}/members";
/// GET: the invitations. POST: invite somebody.
pub const INVITATIONS: &str = "/api/v1/invitations";
/// DELETE: withdraw an invitation.
pub const INVITATION: &str = "/api/v1/invitations/{invitation_id}";
/// POST: a new link for it.
pub const INVITATION_RESEND: &str = "/api/v1/invitations/{invitation_id}/resend";
/// POST: become a user with the link.
pub const INVITATION_ACCEPT: &str = "/api/v1/invitations/accept";
/// The settings, and where they were set.
pub const SETTINGS: &str = "/api/v1/settings";
/// GET: the OpenAPI 3.1 document.
pub const OPENAPI: &str = "/api/v1/openapi.json";

/// A path with its one `{…}` parameter filled in.
#[must_use]
pub fn with_id(path: &str, id: impl std::fmt::Display) -> String {
    match (path.find('{'), path.find('}')) {
        (Some(open), Some(close)) => format!("{}{id}{}", &path[..open], &path[close + 1..]),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn fills_the_parameter() {
        assert_eq!(super::with_id(super::ACCOUNT_TEST, 7), "/api/v1/accounts/7/test");
        assert_eq!(super::with_id(super::JOBS, 7), "/api/v1/jobs");
    }
}
