//! `GET /api/v1/exports/workspaces/{workspace_id}/tags`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use domain::ids::WorkspaceId;
use services::exports::tables::WorkspaceTagTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Path, Require};
use crate::openapi::{ExportedFile, ObjectErrors, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the tags of a WorkSpace along
///
/// By key, as last read. Needs `workspace:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_WORKSPACE_TAGS,
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
pub async fn export_workspace_tags(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Path(workspace): Path<WorkspaceId>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, WorkspaceTagTable { workspace }, format).await
}
