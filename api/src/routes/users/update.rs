//! `PATCH /api/v1/users/{user_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::users::{UpdateUserRequest, UserView};
use domain::access::marker;
use domain::ids::UserId;
use services::access::users::UserChange;

use super::view;
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, Require, etag};
use crate::openapi::{BodyErrors, ConflictErrors, EditErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Change a person
///
/// Their name, and whether they may sign in: who may not is signed out everywhere at once. That needs a fresh proof that it is
/// you, and that you hold what they hold; the last owner can't be disabled. Needs `user:write` over everything.
#[utoipa::path(
    patch,
    path = paths::USER,
    tag = "users",
    security(("session" = []), ("key" = [])),
    params(
        ("user_id" = uuid::Uuid, Path, description = "The person."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = UpdateUserRequest,
    responses(
        (status = 200, description = "The person as they are now.", body = UserView),
        EditErrors,
        ObjectErrors,
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn update_user(
    State(state): State<AppState>,
    user: Require<marker::UserWrite>,
    Path(id): Path<UserId>,
    condition: IfMatch,
    Json(request): Json<UpdateUserRequest>,
) -> Result<Response, ApiError> {
    let change = UserChange { display_name: request.display_name, enabled: request.enabled };
    let expected = condition.expected();
    let detail = services::access::users::update_user(state.context(), &user.actor, id, expected, change).await?;
    Ok((etag(detail.user.version), Json(view::user(detail))).into_response())
}
