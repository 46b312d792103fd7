//! `GET /api/v1/users/{user_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::users::UserView;
use domain::access::marker;
use domain::ids::UserId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One person
///
/// Needs `user:read` over everything.
#[utoipa::path(
    get,
    path = paths::USER,
    tag = "users",
    security(("session" = []), ("key" = [])),
    params(("user_id" = uuid::Uuid, Path, description = "The person.")),
    responses((status = 200, description = "The person; `ETag` is their version.", body = UserView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_user(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Path(id): Path<UserId>,
) -> Result<Response, ApiError> {
    let detail = services::access::users::fetch_user(state.context(), &user.actor, id).await?;
    Ok((etag(detail.user.version), Json(view::user(detail))).into_response())
}
