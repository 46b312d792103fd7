//! `POST /api/v1/api-keys`.

use axum::extract::State;
use axum::response::Response;
use chrono::Duration;
use contract::api_keys::{CreateApiKeyRequest, MadeApiKeyView};
use contract::paths;
use domain::access::{Permission, marker};
use services::keys::{NewKey, create_key_once};

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, RequireProof};
use crate::openapi::{BodyErrors, ConflictErrors, OnceErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Make an API key
///
/// The answer holds the key this once: it is not kept, except, sealed, for the same request with the same `Idempotency-Key`. It can do no more than you
/// can at any time, and no more than it is made for. Needs `key:write`, and a fresh proof that it is you; a key can't make keys.
#[utoipa::path(
    post,
    path = paths::API_KEYS,
    tag = "api-keys",
    security(("session" = [])),
    request_body = CreateApiKeyRequest,
    responses(
        (status = 201, description = "The key; `Location` is its address.", body = MadeApiKeyView),
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_api_key(
    State(state): State<AppState>,
    user: RequireProof<marker::KeyWrite>,
    once: Once,
    Json(request): Json<CreateApiKeyRequest>,
) -> Result<Response, ApiError> {
    let mut permissions = std::collections::BTreeSet::new();
    for (at, name) in request.permissions.iter().enumerate() {
        let permission: Permission = name.parse().map_err(|_| {
            ApiError::body_field(
                &format!("permissions[{at}]"),
                "unknown_value",
                "is no permission, such as workspace:read",
            )
        })?;
        permissions.insert(permission);
    }
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let lasts = request.expires_in_days.map(|days| Duration::days(i64::from(days)));
    let new = NewKey { name: request.name, permissions, lasts };
    let made = create_key_once(state.context(), &user.actor, new, once.keep(view::answer)).await;
    once.end(made, view::answer).await
}
