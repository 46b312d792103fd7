//! `PUT /api/v1/teams/{team_id}/members`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::teams::{SetTeamMembersRequest, TeamDetailView};
use domain::access::marker;
use domain::ids::TeamId;

use super::view;
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, RequireProof, etag};
use crate::openapi::{BodyErrors, EditErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Replace a team's members
///
/// Who holds a role over the team reaches the new members' desktops, so that you must hold that much yourself. Needs
/// `team:write` over everything, and a fresh proof that it is you.
#[utoipa::path(
    put,
    path = paths::TEAM_MEMBERS,
    tag = "teams",
    security(("session" = [])),
    params(
        ("team_id" = uuid::Uuid, Path, description = "The team."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = SetTeamMembersRequest,
    responses(
        (status = 200, description = "The team as it is now.", body = TeamDetailView),
        EditErrors,
        ObjectErrors,
        ProvenChangeErrors,
        BodyErrors,
    ),
)]
pub async fn set_team_members(
    State(state): State<AppState>,
    user: RequireProof<marker::TeamWrite>,
    Path(id): Path<TeamId>,
    condition: IfMatch,
    Json(request): Json<SetTeamMembersRequest>,
) -> Result<Response, ApiError> {
    let (expected, wanted) = (condition.expected(), &request.user_ids);
    let detail = services::access::teams::set_members(state.context(), &user.actor, id, expected, wanted).await?;
    Ok((etag(detail.team.version), Json(view::detail(detail))).into_response())
}
