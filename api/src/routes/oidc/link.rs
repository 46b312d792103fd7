//! `POST /api/v1/oidc/link`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::oidc::OidcLinkView;
use contract::paths;
use http::header::SET_COOKIE;
use services::oidc::Purpose;

use super::cookie;
use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::{AbsentErrors, ChangeErrors, ConflictErrors, SignInServiceErrors};
use crate::state::AppState;

/// Join yourself to a person of the OpenID provider
///
/// Answers where to send the browser; it comes back to the profile. Needs a fresh proof.
#[utoipa::path(
    post,
    path = paths::OIDC_LINK,
    tag = "profile",
    security(("session" = [])),
    responses(
        (status = 200, description = "Where to send the browser.", body = OidcLinkView),
        AbsentErrors,
        ChangeErrors,
        ConflictErrors,
        SignInServiceErrors,
    ),
)]
pub async fn link_oidc(State(state): State<AppState>, user: SignedIn) -> Result<Response, ApiError> {
    let begun = services::oidc::begin(state.context(), Purpose::Link(user.actor()), Some("/profile")).await?;
    Ok(([(SET_COOKIE, cookie::set(&begun.browser))], Json(OidcLinkView { url: begun.url })).into_response())
}
