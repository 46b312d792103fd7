//! `GET /api/v1/exports/workspaces/{workspace_id}/advice`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use domain::ids::WorkspaceId;
use services::exports::tables::WorkspaceAdviceTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Path, Require};
use crate::openapi::{ExportedFile, ObjectErrors, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take along what is recommended for a WorkSpace
///
/// The month before the running one in either running mode, with what could be done; without rows where that can't be told. Needs
/// `cost:read` and `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_WORKSPACE_ADVICE,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(("workspace_id" = uuid::Uuid, Path, description = "The WorkSpace (our id)."), ExportQuery),
    responses(
        ExportedFile,
        ObjectErrors,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_workspace_advice(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Path(workspace): Path<WorkspaceId>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, WorkspaceAdviceTable { workspace }, format).await
}
