//! `POST /api/v1/workspaces/rebuild`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::workspaces::{WorkspaceActionRequest, WorkspaceActionView};
use domain::access::marker;
use domain::workspace::WorkspaceOrder;

use super::action::{self, Asked};
use crate::error::ApiError;
use crate::extract::{Json, Once, Require};
use crate::openapi::{BodyErrors, OnceErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Rebuild WorkSpaces
///
/// The root volume is made anew from the bundle's newest image, the user volume goes back to its last snapshot, which
/// is up to 12 hours old. Ones that are available, in error, unhealthy, stopped or rebooting can be rebuilt, at most
/// 500 at once. The answer tells each one whether it will be done, and why not. With `dry_run` nothing is done; without
/// it a fresh proof of who asks is wanted, so that no API key can do it. Needs `workspace:rebuild`.
#[utoipa::path(
    post,
    path = paths::WORKSPACES_REBUILD,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    request_body = WorkspaceActionRequest,
    responses(
        (status = 200, description = "Nothing is done: a dry run, or none allows it.", body = WorkspaceActionView),
        (status = 202, description = "What will be done, and the job that does it.", body = WorkspaceActionView),
        ProvenChangeErrors,
        BodyErrors,
        OnceErrors,
    ),
)]
pub async fn rebuild_workspaces(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRebuild>,
    once: Once,
    Json(request): Json<WorkspaceActionRequest>,
) -> Result<Response, ApiError> {
    action::request(&state, &user.actor, once, &request, Asked::plain(WorkspaceOrder::Rebuild, &request)).await
}
