//! `DELETE /api/v1/teams/{team_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::TeamId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{IfMatch, Path, RequireProof};
use crate::openapi::{EditErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Remove a team
///
/// With it goes all that people held over it. Needs `team:write` over everything, and a fresh proof that it is you.
#[utoipa::path(
    delete,
    path = paths::TEAM,
    tag = "teams",
    security(("session" = [])),
    params(
        ("team_id" = uuid::Uuid, Path, description = "The team."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        EditErrors,
        ObjectErrors,
        ProvenChangeErrors,
    ),
)]
pub async fn delete_team(
    State(state): State<AppState>,
    user: RequireProof<marker::TeamWrite>,
    Path(id): Path<TeamId>,
    condition: IfMatch,
) -> Result<StatusCode, ApiError> {
    services::access::teams::delete_team(state.context(), &user.actor, id, condition.expected()).await?;
    Ok(StatusCode::NO_CONTENT)
}
