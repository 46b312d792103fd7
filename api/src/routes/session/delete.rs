//! `DELETE /api/v1/session`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use http::StatusCode;
use http::header::SET_COOKIE;

use super::cookie;
use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::openapi::{CrossSiteErrors, SessionErrors};
use crate::state::AppState;

/// Sign out
///
/// Ends the session everywhere: a copy of the cookie is worth nothing afterwards.
#[utoipa::path(
    delete,
    path = paths::SESSION,
    tag = "session",
    security(("session" = [])),
    responses((status = 204, description = "Signed out; the cookie is cleared."), SessionErrors, CrossSiteErrors),
)]
pub async fn delete_session(State(state): State<AppState>, user: SignedIn) -> Result<Response, ApiError> {
    services::sessions::sign_out(state.context(), user.actor(), &user.token).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::clear())]).into_response())
}
