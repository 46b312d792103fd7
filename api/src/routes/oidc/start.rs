//! `GET /api/v1/oidc/start`.

use axum::extract::State;
use axum::response::Response;
use contract::oidc::OidcStartQuery;
use contract::paths;

use super::{cookie, error};
use crate::error::ApiError;
use crate::extract::{Client, Query};
use crate::openapi::{QueryErrors, TriesErrors};
use crate::routes::session::limit;
use crate::state::AppState;
use services::oidc::Purpose;

/// Begin to sign in at the OpenID provider
///
/// For browsers: leads to the provider, or back to the sign-in page with `error` in its address.
#[utoipa::path(
    get,
    path = paths::OIDC_START,
    tag = "session",
    params(OidcStartQuery),
    responses((status = 303, description = "To the provider, or to the sign-in page."), QueryErrors, TriesErrors),
)]
pub async fn start_oidc(
    State(state): State<AppState>,
    client: Client,
    Query(query): Query<OidcStartQuery>,
) -> Result<Response, ApiError> {
    limit::take_nameless(state.limiter(), client.address, "oidc").await?;
    Ok(match services::oidc::begin(state.context(), Purpose::SignIn, query.return_to.as_deref()).await {
        Ok(begun) => error::to(&begun.url, cookie::set(&begun.browser)),
        Err(fault) => error::to_sign_in(fault),
    })
}
