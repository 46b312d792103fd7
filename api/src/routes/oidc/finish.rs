//! `GET /api/v1/oidc/callback`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::oidc::OidcReturnQuery;
use contract::paths;
use http::HeaderMap;
use http::header::SET_COOKIE;
use services::oidc::Return;

use super::{cookie, error};
use crate::error::ApiError;
use crate::extract::{Client, Query, session_token};
use crate::openapi::{QueryErrors, TriesErrors};
use crate::routes::session::{limit, view};
use crate::state::AppState;

/// Come back from the OpenID provider
///
/// For browsers: signs in and leads to the page that was asked for, or back to the sign-in page with `error` in its address. Who
/// was signed in and went to prove who they are comes back to the page that was asked for.
#[utoipa::path(
    get,
    path = paths::OIDC_CALLBACK,
    tag = "session",
    params(OidcReturnQuery),
    responses((status = 303, description = "On to a page; the session cookie is set."), QueryErrors, TriesErrors),
)]
pub async fn finish_oidc(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<OidcReturnQuery>,
) -> Result<Response, ApiError> {
    limit::take_nameless(state.limiter(), client.address, "oidc-callback").await?;
    let signed_in = match session_token(&headers) {
        Some(token) => services::sessions::still_signed_in(state.context(), &token).await?,
        None => None,
    };
    let back = Return {
        signed_in,
        browser: cookie::held(&headers),
        state: query.state,
        code: query.code,
        issuer: query.iss,
        error: query.error,
    };
    let finished = match services::oidc::finish(state.context(), back, client.into()).await {
        Ok(finished) => finished,
        Err(failed) => return Ok(error::back(failed)),
    };
    let mut response = error::to(&finished.return_to, cookie::clear()).into_response();
    if let Some(session) = finished.session {
        response.headers_mut().append(SET_COOKIE, view::cookie_of(&state, &session));
    }
    Ok(response)
}
