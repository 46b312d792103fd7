//! `POST /api/v1/workspaces/volume`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::workspace_changes::GrowVolumeRequest;
use contract::workspaces::WorkspaceActionView;
use domain::access::marker;

use super::action::{self, Asked};
use crate::error::ApiError;
use crate::extract::{Json, Once, Require};
use crate::openapi::{BodyErrors, ChangeErrors, OnceErrors};
use crate::state::AppState;

/// Enlarge a volume of WorkSpaces
///
/// Volumes never become smaller, and grow once in 6 hours. AWS has root and user volumes of 80 and 10, 50 or 100 GiB,
/// or of 175 to 2000 and 100 to 2000. Only available and stopped ones can be changed. The answer tells each one what it
/// has now, whether it will be done, and why not; with `dry_run` nothing is done. Needs `workspace:modify`.
#[utoipa::path(
    post,
    path = paths::WORKSPACES_VOLUME,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    request_body = GrowVolumeRequest,
    responses(
        (status = 200, description = "Nothing is done: a dry run, or none allows it.", body = WorkspaceActionView),
        (status = 202, description = "What will be done, and the job that does it.", body = WorkspaceActionView),
        ChangeErrors,
        BodyErrors,
        OnceErrors,
    ),
)]
pub async fn grow_workspace_volume(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceModify>,
    once: Once,
    Json(request): Json<GrowVolumeRequest>,
) -> Result<Response, ApiError> {
    let asked = Asked { order: request.order(), ids: &request.workspace_ids, dry_run: request.dry_run };
    action::request(&state, &user.actor, once, &request, asked).await
}
