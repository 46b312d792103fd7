//! `GET /api/v1/teams/{team_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::teams::TeamDetailView;
use domain::access::marker;
use domain::ids::TeamId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One team
///
/// With its members. Needs `user:read` over everything.
#[utoipa::path(
    get,
    path = paths::TEAM,
    tag = "teams",
    security(("session" = []), ("key" = [])),
    params(("team_id" = uuid::Uuid, Path, description = "The team.")),
    responses(
        (status = 200, description = "The team; `ETag` is its version.", body = TeamDetailView),
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_team(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Path(id): Path<TeamId>,
) -> Result<Response, ApiError> {
    let detail = services::access::teams::fetch_team(state.context(), &user.actor, id).await?;
    Ok((etag(detail.team.version), Json(view::detail(detail))).into_response())
}
