//! `POST /api/v1/session`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::session::{SecondFactorView, SessionView, SignInRequest};

use super::{limit, view};
use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, CredentialErrors, OpenChangeErrors};
use crate::state::AppState;

/// Sign in
///
/// Somebody with a second factor is then asked for it: `POST /api/v1/session/second-factor`.
///
/// Five tries a minute for an e-mail address from one network address; then 429 with `Retry-After`.
#[utoipa::path(
    post,
    path = paths::SESSION,
    tag = "session",
    request_body = SignInRequest,
    responses(
        (status = 200, description = "Signed in; the session cookie is set.", body = SessionView),
        (status = 202, description = "A second factor is asked for.", body = SecondFactorView),
        CredentialErrors,
        OpenChangeErrors,
        BodyErrors,
    ),
)]
pub async fn create_session(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<SignInRequest>,
) -> Result<Response, ApiError> {
    limit::take(state.limiter(), client.address, &request.email).await?;
    let SignInRequest { email, password } = &request;
    let signed_in = services::identity::sign_in(state.context(), email, password, client.into()).await?;
    Ok(view::signed_in(&state, &signed_in))
}
