//! `DELETE /api/v1/users/{user_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::UserId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{IfMatch, Path, RequireProof};
use crate::openapi::{ConflictErrors, EditErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Delete a user
///
/// They are signed out everywhere, their keys end, and everything that names them is erased, also in the audit log: there their
/// id stays, as a pseudonym. It can't be undone. Needs `user:write` over everything and a fresh proof; nobody deletes somebody who
/// holds more than they do, and the last owner stays.
#[utoipa::path(
    delete,
    path = paths::USER,
    tag = "users",
    security(("session" = [])),
    params(
        ("user_id" = uuid::Uuid, Path, description = "The user."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    responses(
        (status = 204, description = "Deleted."),
        EditErrors,
        ObjectErrors,
        ConflictErrors,
        ProvenChangeErrors,
    ),
)]
pub async fn delete_user(
    State(state): State<AppState>,
    user: RequireProof<marker::UserWrite>,
    Path(id): Path<UserId>,
    condition: IfMatch,
) -> Result<StatusCode, ApiError> {
    services::privacy::remove_user(state.context(), &user.actor, id, condition.expected()).await?;
    Ok(StatusCode::NO_CONTENT)
}
