//! `GET /api/v1/workspaces/{workspace_id}`.

use axum::extract::State;
use contract::paths;
use contract::workspaces::WorkspaceDetailView;
use domain::access::marker;
use domain::ids::WorkspaceId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One WorkSpace
///
/// With its tags, its newest state changes and what can be done with it now. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::WORKSPACE,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(("workspace_id" = uuid::Uuid, Path, description = "The WorkSpace (our id).")),
    responses(
        (status = 200, description = "The WorkSpace.", body = WorkspaceDetailView),
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_workspace(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Path(id): Path<WorkspaceId>,
) -> Result<Json<WorkspaceDetailView>, ApiError> {
    let detail = services::workspaces::fetch_workspace_detail(state.context(), &user.actor, id).await?;
    let detail = detail.ok_or_else(|| ApiError::not_found("WorkSpace"))?;
    Ok(Json(view::detail(detail)))
}
