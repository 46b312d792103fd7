//! `GET /api/v1/roles`.

use axum::extract::State;
use contract::paths;
use contract::roles::RolesView;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// The roles
///
/// All of them: the built-in ones from the highest down, then those that people made, by name. Needs `user:read` over everything.
#[utoipa::path(
    get,
    path = paths::ROLES,
    tag = "roles",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The roles.", body = RolesView), SignedInErrors),
)]
pub async fn list_roles(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
) -> Result<Json<RolesView>, ApiError> {
    let roles = services::access::roles::list_roles(state.context(), &user.actor).await?;
    Ok(Json(RolesView { items: roles.into_iter().map(view::role).collect() }))
}
