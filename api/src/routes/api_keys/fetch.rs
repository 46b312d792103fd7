//! `GET /api/v1/api-keys/{key_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::api_keys::ApiKeyView;
use contract::paths;
use domain::ids::ApiKeyId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, Path, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One API key
///
/// Your own, or with `key:manage` anybody's. `ETag` is its version.
#[utoipa::path(
    get,
    path = paths::API_KEY,
    tag = "api-keys",
    security(("session" = []), ("key" = [])),
    params(("key_id" = uuid::Uuid, Path, description = "The key.")),
    responses((status = 200, description = "The key.", body = ApiKeyView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_api_key(
    State(state): State<AppState>,
    user: Authenticated,
    Path(id): Path<ApiKeyId>,
) -> Result<Response, ApiError> {
    let item = services::keys::fetch_key(state.context(), &user.actor, id).await?;
    Ok((etag(item.key.version), Json(view::key(item))).into_response())
}
