//! `GET /api/v1/exports/workspace-costs`.

use axum::extract::State;
use axum::response::Response;
use contract::costs::WorkspaceCostQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use domain::usage::Month;
use services::exports::tables::WorkspaceCostTable;
use services::workspaces::WorkspaceListRequest;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::costs::ask;
use crate::routes::workspaces::filter::list_request;
use crate::state::AppState;

/// Take along what each WorkSpace costs in a month
///
/// By our own reckoning, in the order asked for. Needs `cost:read` and `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_WORKSPACE_COSTS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, WorkspaceCostQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_workspace_costs(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Export { format, query }: Export<WorkspaceCostQuery>,
) -> Result<Response, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running, running)?;
    let counted = ask::counted(&query)?;
    let WorkspaceListRequest { filter, sort, direction, .. } = list_request(query.workspaces())?;
    answer(&state, &user.actor, WorkspaceCostTable { month, filter, counted, sort, direction }, format).await
}
