//! `GET /api/v1/exports/usage-groups`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::usage::UsageGroupsQuery;
use domain::access::marker;
use domain::usage::Comparison;
use services::exports::tables::UsageGroupTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require, closed_value};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::usage::ask;
use crate::state::AppState;

/// Take usage by group along
///
/// The longest connected first; groups without usage are not listed. With `compare` each has what it came to on earlier days, and by
/// how many percent it changed. Needs `usage:read`, by team `user:read` too; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_USAGE_GROUPS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, UsageGroupsQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_usage_groups(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Export { format, query }: Export<UsageGroupsQuery>,
) -> Result<Response, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let by = ask::group(query.by.as_deref())?;
    let compare = closed_value("compare", query.compare.as_deref(), Comparison::ALL)?;
    answer(&state, &user.actor, UsageGroupTable { asked, by, compare }, format).await
}
