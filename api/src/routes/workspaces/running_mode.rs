//! `POST /api/v1/workspaces/running-mode`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::workspace_changes::SetRunningModeRequest;
use contract::workspaces::WorkspaceActionView;
use domain::access::marker;

use super::action::{self, Asked};
use crate::error::ApiError;
use crate::extract::{Json, Once, Require};
use crate::openapi::{BodyErrors, ChangeErrors, OnceErrors};
use crate::state::AppState;

/// Change the running mode of WorkSpaces
///
/// From ALWAYS_ON to AUTO_STOP AWS bills it from next month on, the other way round at once. The answer tells each one
/// what it has now, whether it will be done, and why not; with `dry_run` nothing is done. Needs `workspace:modify`.
#[utoipa::path(
    post,
    path = paths::WORKSPACES_RUNNING_MODE,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    request_body = SetRunningModeRequest,
    responses(
        (status = 200, description = "Nothing is done: a dry run, or none allows it.", body = WorkspaceActionView),
        (status = 202, description = "What will be done, and the job that does it.", body = WorkspaceActionView),
        ChangeErrors,
        BodyErrors,
        OnceErrors,
    ),
)]
pub async fn set_workspace_running_mode(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceModify>,
    once: Once,
    Json(request): Json<SetRunningModeRequest>,
) -> Result<Response, ApiError> {
    let asked = Asked { order: request.order(), ids: &request.workspace_ids, dry_run: request.dry_run };
    action::request(&state, &user.actor, once, &request, asked).await
}
