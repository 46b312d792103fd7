//! `DELETE /api/v1/api-keys/{key_id}`.

use axum::extract::State;
use contract::paths;
use domain::ids::ApiKeyId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Authenticated, IfMatch, Path};
use crate::openapi::{ChangeErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Revoke an API key
///
/// Your own, or with `key:manage` anybody's. It is refused within a second, wherever it is used.
#[utoipa::path(
    delete,
    path = paths::API_KEY,
    tag = "api-keys",
    security(("session" = []), ("key" = [])),
    params(
        ("key_id" = uuid::Uuid, Path, description = "The key."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    responses(
        (status = 204, description = "Revoked, now or before."),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn delete_api_key(
    State(state): State<AppState>,
    user: Authenticated,
    Path(id): Path<ApiKeyId>,
    condition: IfMatch,
) -> Result<StatusCode, ApiError> {
    services::keys::revoke_key(state.context(), &user.actor, id, condition.expected()).await?;
    Ok(StatusCode::NO_CONTENT)
}
