//! `PATCH /api/v1/api-keys/{key_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::api_keys::{ApiKeyView, UpdateApiKeyRequest};
use contract::paths;
use domain::ids::ApiKeyId;
use services::keys::KeyChange;

use super::view;
use crate::error::ApiError;
use crate::extract::{Authenticated, IfMatch, Json, Path, etag};
use crate::openapi::{BodyErrors, ChangeErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Rename an API key
///
/// Your own only.
#[utoipa::path(
    patch,
    path = paths::API_KEY,
    tag = "api-keys",
    security(("session" = []), ("key" = [])),
    params(
        ("key_id" = uuid::Uuid, Path, description = "The key."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = UpdateApiKeyRequest,
    responses(
        (status = 200, description = "The key as it is now.", body = ApiKeyView),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
    ),
)]
pub async fn update_api_key(
    State(state): State<AppState>,
    user: Authenticated,
    Path(id): Path<ApiKeyId>,
    condition: IfMatch,
    Json(request): Json<UpdateApiKeyRequest>,
) -> Result<Response, ApiError> {
    let change = KeyChange { name: request.name, expected: condition.expected() };
    let item = services::keys::rename_key(state.context(), &user.actor, id, change).await?;
    Ok((etag(item.key.version), Json(view::key(item))).into_response())
}
