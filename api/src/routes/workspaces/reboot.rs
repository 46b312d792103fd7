//! `POST /api/v1/workspaces/reboot`.

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

/// Reboot WorkSpaces
///
/// Only running ones can be rebooted. Whoever is connected loses the connection. The answer tells each one whether it will be done, and why not; with `dry_run` nothing is done. Needs
/// `workspace:reboot`.
#[utoipa::path(
    post,
    path = paths::WORKSPACES_REBOOT,
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
pub async fn reboot_workspaces(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceReboot>,
    once: Once,
    Json(request): Json<WorkspaceActionRequest>,
) -> Result<Response, ApiError> {
    action::request(&state, &user.actor, once, &request, Asked::plain(WorkspaceOrder::Reboot, &request)).await
}
