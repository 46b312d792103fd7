//! `POST /api/v1/workspaces/compute-type`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::workspace_changes::SetComputeTypeRequest;
use contract::workspaces::WorkspaceActionView;
use domain::access::marker;

use super::action::{self, Asked};
use crate::error::ApiError;
use crate::extract::{Json, Once, Require};
use crate::openapi::{BodyErrors, ChangeErrors, OnceErrors};
use crate::state::AppState;

/// Change the compute type of WorkSpaces
///
/// They restart with the new hardware. AWS takes a larger type once in 6 hours, a smaller one once in 30 days, and none
/// from or to graphics. Only available and stopped ones can be changed. The answer tells each one what it has now,
/// whether it will be done, and why not; with `dry_run` nothing is done. Needs `workspace:modify`.
#[utoipa::path(
    post,
    path = paths::WORKSPACES_COMPUTE_TYPE,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    request_body = SetComputeTypeRequest,
    responses(
        (status = 200, description = "Nothing is done: a dry run, or none allows it.", body = WorkspaceActionView),
        (status = 202, description = "What will be done, and the job that does it.", body = WorkspaceActionView),
        ChangeErrors,
        BodyErrors,
        OnceErrors,
    ),
)]
pub async fn set_workspace_compute_type(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceModify>,
    once: Once,
    Json(request): Json<SetComputeTypeRequest>,
) -> Result<Response, ApiError> {
    let asked = Asked { order: request.order(), ids: &request.workspace_ids, dry_run: request.dry_run };
    action::request(&state, &user.actor, once, &request, asked).await
}
