//! `GET /api/v1/roles/{role_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::roles::RoleView;
use domain::access::marker;
use domain::ids::RoleId;
use services::access::roles::RoleDetail;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One role
///
/// One that somebody made. Needs `user:read` over everything.
#[utoipa::path(
    get,
    path = paths::ROLE,
    tag = "roles",
    security(("session" = []), ("key" = [])),
    params(("role_id" = uuid::Uuid, Path, description = "The role.")),
    responses((status = 200, description = "The role; `ETag` is its version.", body = RoleView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_role(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Path(id): Path<RoleId>,
) -> Result<Response, ApiError> {
    let (role, holders) = services::access::roles::fetch_role(state.context(), &user.actor, id).await?;
    Ok((etag(role.version), Json(view::role(RoleDetail::Custom(role, holders)))).into_response())
}
