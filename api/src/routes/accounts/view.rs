//! Accounts on the wire. The external id is left out: it is a secret between us and the role.

use contract::accounts::{AccountRegionView, AccountView, ConnectionCheckView, ConnectionTestView, StartedJobsView};
use domain::account::Access;
use domain::ids::JobId;
use http::StatusCode;
use services::accounts::{AccountOverview, ConnectionCheck, ConnectionTest, RegionOverview};
use services::idempotency::Answer;

use crate::extract::json_answer;
use crate::routes::sync_runs::view::run;

/// An account with its regions.
#[must_use]
pub fn account(overview: AccountOverview) -> AccountView {
    let account = overview.account;
    AccountView {
        id: account.id,
        name: account.name,
        aws_account_id: account.aws_account_id,
        credentials: account.access.kind(),
        role_arn: match account.access {
            Access::Role { role_arn, .. } => Some(role_arn),
            Access::Chain | Access::Simulated => None,
        },
        endpoint_url: account.endpoint_url,
        regions: overview.regions.into_iter().map(region).collect(),
        workspaces: overview.workspaces,
        created_at: account.created_at,
    }
}

fn region(region: RegionOverview) -> AccountRegionView {
    AccountRegionView { region: region.region, last_run: region.last_run.map(run), last_whole_at: region.last_whole_at }
}

/// Jobs that were started.
#[must_use]
pub fn started(job_ids: &[JobId]) -> Answer {
    json_answer(StatusCode::ACCEPTED, &StartedJobsView { job_ids: job_ids.to_vec() })
}

/// What a connection test found.
#[must_use]
pub fn test(found: ConnectionTest) -> ConnectionTestView {
    ConnectionTestView {
        ok: found.ok,
        aws_account_id: found.aws_account_id,
        arn: found.arn,
        checks: found.checks.into_iter().map(check).collect(),
    }
}

fn check(check: ConnectionCheck) -> ConnectionCheckView {
    ConnectionCheckView {
        region: check.region,
        operation: check.operation,
        ok: check.ok,
        code: check.code,
        message: check.message,
        missing_permission: check.missing_permission,
    }
}
