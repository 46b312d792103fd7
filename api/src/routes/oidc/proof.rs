//! `POST /api/v1/oidc/proof`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::oidc::{OidcLinkView, OidcProofRequest};
use contract::paths;
use http::header::SET_COOKIE;
use services::oidc::{OidcFault, Purpose};

use super::cookie;
use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::{AbsentErrors, BodyErrors, ChangeErrors, ConflictErrors, RateErrors, SignInServiceErrors};
use crate::routes::session::limit;
use crate::state::AppState;

/// Confirm at the OpenID provider that it is you
///
/// For who is joined to a person there. Answers where to send the browser; the provider asks again who it is. The browser comes back
/// to the page that was asked for, and this session is confirmed as by `POST /api/v1/session/proof`; where it is not, that page's
/// address has `sso_error` in it.
#[utoipa::path(
    post,
    path = paths::OIDC_PROOF,
    tag = "session",
    security(("session" = [])),
    request_body = OidcProofRequest,
    responses(
        (status = 200, description = "Where to send the browser.", body = OidcLinkView),
        AbsentErrors,
        BodyErrors,
        ChangeErrors,
        ConflictErrors,
        RateErrors,
        SignInServiceErrors,
    ),
)]
pub async fn prove_by_oidc(
    State(state): State<AppState>,
    user: SignedIn,
    Json(request): Json<OidcProofRequest>,
) -> Result<Response, ApiError> {
    if services::oidc::provider(state.context()).is_none() {
        return Err(OidcFault::Off.into());
    }
    limit::take_own(state.limiter(), user.session.user_id).await?;
    let return_to = request.return_to.as_deref().unwrap_or("/profile");
    let begun = services::oidc::begin(state.context(), Purpose::Proof(user.actor()), Some(return_to)).await?;
    Ok(([(SET_COOKIE, cookie::set(&begun.browser))], Json(OidcLinkView { url: begun.url })).into_response())
}
