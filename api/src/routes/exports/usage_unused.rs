//! `GET /api/v1/exports/usage-unused`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::usage::UsageUnusedQuery;
use domain::access::marker;
use services::exports::tables::UsageUnusedTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::usage::ask;
use crate::state::AppState;

/// Take the unused WorkSpaces along
///
/// Those that are there and whose usage is known over the days, by user name. Needs `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_USAGE_UNUSED,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, UsageUnusedQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_usage_unused(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Export { format, query }: Export<UsageUnusedQuery>,
) -> Result<Response, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    answer(&state, &user.actor, UsageUnusedTable { asked }, format).await
}
