//! The paths of the API. The router and the portal both take them from here.

/// The prefix of every versioned path.
pub const V1: &str = "/api/v1";

/// POST: create the owner with the one-time token. GET: whether that is still to be done.
pub const SETUP: &str = "/api/v1/setup";
/// POST: sign in. GET: who is signed in. DELETE: sign out.
pub const SESSION: &str = "/api/v1/session";
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
/// POST: start.
pub const WORKSPACES_START: &str = "/api/v1/workspaces/start";
/// POST: stop.
pub const WORKSPACES_STOP: &str = "/api/v1/workspaces/stop";
/// POST: reboot.
pub const WORKSPACES_REBOOT: &str = "/api/v1/workspaces/reboot";
/// GET: one WorkSpace.
pub const WORKSPACE: &str = "/api/v1/workspaces/{workspace_id}";
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
/// GET: the sync runs.
pub const SYNC_RUNS: &str = "/api/v1/sync-runs";
/// GET: the live stream (Server-Sent Events).
pub const EVENTS: &str = "/api/v1/events";
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
