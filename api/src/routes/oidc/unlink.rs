//! `DELETE /api/v1/oidc/link`.

use axum::extract::State;
use contract::paths;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::openapi::{ChangeErrors, ConflictErrors};
use crate::state::AppState;

/// Take yourself apart from the OpenID provider
///
/// Somebody without a password can't: nobody could sign in any more. Needs a fresh proof.
#[utoipa::path(
    delete,
    path = paths::OIDC_LINK,
    tag = "profile",
    security(("session" = [])),
    responses((status = 204, description = "Taken apart."), ChangeErrors, ConflictErrors),
)]
pub async fn unlink_oidc(State(state): State<AppState>, user: SignedIn) -> Result<StatusCode, ApiError> {
    services::oidc::unlink(state.context(), user.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
