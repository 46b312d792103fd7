//! `PATCH /api/v1/teams/{team_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::teams::{TeamDetailView, UpdateTeamRequest};
use domain::access::marker;
use domain::ids::TeamId;
use services::access::teams::TeamChange;

use super::view;
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, Require, etag};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Change a team
///
/// Its name and what it is for. Needs `team:write` over everything.
#[utoipa::path(
    patch,
    path = paths::TEAM,
    tag = "teams",
    security(("session" = []), ("key" = [])),
    params(
        ("team_id" = uuid::Uuid, Path, description = "The team."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = UpdateTeamRequest,
    responses(
        (status = 200, description = "The team as it is now.", body = TeamDetailView),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn update_team(
    State(state): State<AppState>,
    user: Require<marker::TeamWrite>,
    Path(id): Path<TeamId>,
    condition: IfMatch,
    Json(request): Json<UpdateTeamRequest>,
) -> Result<Response, ApiError> {
    let change = TeamChange { name: request.name, description: request.description };
    let expected = condition.expected();
    let detail = services::access::teams::update_team(state.context(), &user.actor, id, expected, change).await?;
    Ok((etag(detail.team.version), Json(view::detail(detail))).into_response())
}
