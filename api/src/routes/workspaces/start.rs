//! `POST /api/v1/workspaces/start`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::workspaces::{WorkspaceActionRequest, WorkspaceActionView};
use domain::access::marker;
use domain::workspace::WorkspaceOrder;

use super::action::{self, Asked};
use crate::error::ApiError;
use crate::extract::{Json, Once, Require};
use crate::openapi::{BodyErrors, ChangeErrors, OnceErrors};
use crate::state::AppState;

/// Start WorkSpaces
///
/// Only stopped ones in AUTO_STOP or MANUAL mode can be started. The answer tells each one whether it will be done, and why not; with `dry_run` nothing is done. Needs
/// `workspace:start`.
#[utoipa::path(
    post,
    path = paths::WORKSPACES_START,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    request_body = WorkspaceActionRequest,
    responses(
        (status = 200, description = "Nothing is done: a dry run, or none allows it.", body = WorkspaceActionView),
        (status = 202, description = "What will be done, and the job that does it.", body = WorkspaceActionView),
        ChangeErrors,
        BodyErrors,
        OnceErrors,
    ),
)]
pub async fn start_workspaces(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceStart>,
    once: Once,
    Json(request): Json<WorkspaceActionRequest>,
) -> Result<Response, ApiError> {
    action::request(&state, &user.actor, once, &request, Asked::plain(WorkspaceOrder::Start, &request)).await
}
