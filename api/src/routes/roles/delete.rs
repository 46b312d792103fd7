//! `DELETE /api/v1/roles/{role_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::RoleId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{IfMatch, Path, RequireProof};
use crate::openapi::{ConflictErrors, EditErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Remove a role
///
/// One that nobody holds and nobody is invited to. Needs `role:write` over everything, and a fresh proof that it is you.
#[utoipa::path(
    delete,
    path = paths::ROLE,
    tag = "roles",
    security(("session" = [])),
    params(
        ("role_id" = uuid::Uuid, Path, description = "The role."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        EditErrors,
        ObjectErrors,
        ProvenChangeErrors,
        ConflictErrors,
    ),
)]
pub async fn delete_role(
    State(state): State<AppState>,
    user: RequireProof<marker::RoleWrite>,
    Path(id): Path<RoleId>,
    condition: IfMatch,
) -> Result<StatusCode, ApiError> {
    services::access::roles::delete_role(state.context(), &user.actor, id, condition.expected()).await?;
    Ok(StatusCode::NO_CONTENT)
}
