//! `POST /api/v1/workspaces/tags`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::workspace_changes::SetTagsRequest;
use contract::workspaces::WorkspaceActionView;
use domain::access::marker;

use super::action::{self, Asked};
use crate::error::ApiError;
use crate::extract::{Json, Once, Require};
use crate::openapi::{BodyErrors, ChangeErrors, OnceErrors};
use crate::state::AppState;

/// Set and remove tags of WorkSpaces
///
/// Tags that are not named stay. No state stands against it. The answer tells each one what it has now, whether it will
/// be done, and why not; with `dry_run` nothing is done. Needs `workspace:tag`.
#[utoipa::path(
    post,
    path = paths::WORKSPACES_TAGS,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    request_body = SetTagsRequest,
    responses(
        (status = 200, description = "Nothing is done: a dry run, or none allows it.", body = WorkspaceActionView),
        (status = 202, description = "What will be done, and the job that does it.", body = WorkspaceActionView),
        ChangeErrors,
        BodyErrors,
        OnceErrors,
    ),
)]
pub async fn set_workspace_tags(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceTag>,
    once: Once,
    Json(request): Json<SetTagsRequest>,
) -> Result<Response, ApiError> {
    let asked = Asked { order: request.order(), ids: &request.workspace_ids, dry_run: request.dry_run };
    action::request(&state, &user.actor, once, &request, asked).await
}
