//! `GET /api/v1/exports/workspaces/{workspace_id}/charges`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::{ExportQuery, WorkspaceChargeQuery};
use contract::paths;
use domain::access::marker;
use domain::ids::WorkspaceId;
use domain::usage::Month;
use services::exports::tables::WorkspaceChargeTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Path, Require};
use crate::openapi::{ExportedFile, ObjectErrors, QueryErrors, SignedInErrors};
use crate::routes::costs::ask;
use crate::state::AppState;

/// Take along what a WorkSpace is charged in a month
///
/// By our own reckoning, charge by charge; without rows where it was not there or can't be reckoned. Needs `cost:read` and
/// `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_WORKSPACE_CHARGES,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(("workspace_id" = uuid::Uuid, Path, description = "The WorkSpace (our id)."), ExportQuery, WorkspaceChargeQuery),
    responses(
        ExportedFile,
        ObjectErrors,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_workspace_charges(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Path(workspace): Path<WorkspaceId>,
    Export { format, query }: Export<WorkspaceChargeQuery>,
) -> Result<Response, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running, running)?;
    answer(&state, &user.actor, WorkspaceChargeTable { workspace, month }, format).await
}
