//! `DELETE /api/v1/profile/totp`.

use axum::extract::State;
use contract::paths;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::openapi::{ConflictErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Turn codes off
///
/// Sign-in no longer asks for them; the recovery codes are gone too.
#[utoipa::path(
    delete,
    path = paths::PROFILE_TOTP,
    tag = "profile",
    security(("session" = [])),
    responses((status = 204, description = "Off."), ProvenChangeErrors, ConflictErrors),
)]
pub async fn remove_totp(State(state): State<AppState>, user: SignedIn) -> Result<StatusCode, ApiError> {
    services::identity::remove_totp(state.context(), user.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
