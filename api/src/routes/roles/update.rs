//! `PATCH /api/v1/roles/{role_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::roles::{RoleView, UpdateRoleRequest};
use domain::access::marker;
use domain::ids::RoleId;
use services::access::roles::{RoleChange, RoleDetail};

use super::view;
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, RequireProof, etag};
use crate::openapi::{BodyErrors, ConflictErrors, EditErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Change a role
///
/// For everybody who holds it, at once. You can add and take away what you may do everywhere yourself. Needs `role:write` over
/// everything, and a fresh proof that it is you.
#[utoipa::path(
    patch,
    path = paths::ROLE,
    tag = "roles",
    security(("session" = [])),
    params(
        ("role_id" = uuid::Uuid, Path, description = "The role."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = UpdateRoleRequest,
    responses(
        (status = 200, description = "The role as it is now.", body = RoleView),
        EditErrors,
        ObjectErrors,
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn update_role(
    State(state): State<AppState>,
    user: RequireProof<marker::RoleWrite>,
    Path(id): Path<RoleId>,
    condition: IfMatch,
    Json(request): Json<UpdateRoleRequest>,
) -> Result<Response, ApiError> {
    let permissions = request.permissions.as_deref().map(view::permissions).transpose()?;
    let change = RoleChange { name: request.name, description: request.description, permissions };
    let expected = condition.expected();
    let (role, holders) =
        services::access::roles::update_role(state.context(), &user.actor, id, expected, change).await?;
    Ok((etag(role.version), Json(view::role(RoleDetail::Custom(role, holders)))).into_response())
}
