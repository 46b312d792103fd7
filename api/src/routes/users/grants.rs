//! `PUT /api/v1/users/{user_id}/grants`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::users::{SetGrantsRequest, UserView};
use domain::access::marker;
use domain::ids::UserId;

use super::{error, view};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, RequireProof, etag};
use crate::openapi::{BodyErrors, ConflictErrors, EditErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Give and take roles
///
/// What is sent is what they hold afterwards, on every session at once. Nobody gives or takes more than they hold; an owner is
/// made and unmade by owners, and the last one stays. Needs `user:write` over everything, and a fresh proof that it is you.
#[utoipa::path(
    put,
    path = paths::USER_GRANTS,
    tag = "users",
    security(("session" = [])),
    params(
        ("user_id" = uuid::Uuid, Path, description = "The person."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = SetGrantsRequest,
    responses(
        (status = 200, description = "The person as they are now.", body = UserView),
        EditErrors,
        ObjectErrors,
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn set_user_grants(
    State(state): State<AppState>,
    user: RequireProof<marker::UserWrite>,
    Path(id): Path<UserId>,
    condition: IfMatch,
    Json(request): Json<SetGrantsRequest>,
) -> Result<Response, ApiError> {
    let wanted = error::grants(&request.grants)?;
    let expected = condition.expected();
    let detail = services::access::grants::set_grants(state.context(), &user.actor, id, expected, &wanted).await?;
    Ok((etag(detail.user.version), Json(view::user(detail))).into_response())
}
