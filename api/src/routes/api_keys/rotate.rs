//! `POST /api/v1/api-keys/{key_id}/rotate`.

use axum::extract::State;
use axum::response::Response;
use chrono::Duration;
use contract::api_keys::{KEY_OVERLAP_HOURS, MadeApiKeyView, RotateApiKeyRequest};
use contract::paths;
use domain::access::marker;
use domain::ids::ApiKeyId;
use services::keys::rotate_key_once;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, Path, RequireProof};
use crate::openapi::{BodyErrors, ConflictErrors, ObjectErrors, OnceErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Rotate an API key
///
/// Makes a new key of the same name and for the same, shown this once; the old one works beside it for `overlap_hours`, and
/// one that the old one had replaced ends now. Your own only. Needs `key:write`, and a fresh proof that it is you.
#[utoipa::path(
    post,
    path = paths::API_KEY_ROTATE,
    tag = "api-keys",
    security(("session" = [])),
    params(("key_id" = uuid::Uuid, Path, description = "The key.")),
    request_body = RotateApiKeyRequest,
    responses(
        (status = 201, description = "The new key; `Location` is its address.", body = MadeApiKeyView),
        ObjectErrors,
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn rotate_api_key(
    State(state): State<AppState>,
    user: RequireProof<marker::KeyWrite>,
    once: Once,
    Path(id): Path<ApiKeyId>,
    Json(request): Json<RotateApiKeyRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let overlap = Duration::hours(i64::from(request.overlap_hours.unwrap_or(KEY_OVERLAP_HOURS)));
    let made = rotate_key_once(state.context(), &user.actor, id, overlap, once.keep(view::answer)).await;
    once.end(made, view::answer).await
}
