//! `GET /api/v1/workspaces/{workspace_id}/advice`.

use axum::extract::State;
use contract::costs::WorkspaceAdviceView;
use contract::paths;
use domain::access::marker;
use domain::ids::WorkspaceId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// What is recommended for a WorkSpace
///
/// Another running mode, or to remove it, by its hours of the month before the running one and AWS's list prices, with both figures.
/// It is not seen that a WorkSpace was made or changed within the month. Needs `cost:read` and `usage:read`.
#[utoipa::path(
    get,
    path = paths::WORKSPACE_ADVICE,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(("workspace_id" = uuid::Uuid, Path, description = "The WorkSpace (our id).")),
    responses(
        (status = 200, description = "What is recommended.", body = WorkspaceAdviceView),
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_workspace_advice(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Path(id): Path<WorkspaceId>,
) -> Result<Json<WorkspaceAdviceView>, ApiError> {
    let found = services::cost::fetch_workspace_advice(state.reading(), &user.actor, id).await?;
    let found = found.ok_or_else(|| ApiError::not_found("WorkSpace"))?;
    Ok(Json(view::advice(found)))
}
