//! `POST /api/v1/session/second-factor`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::session::{SecondFactorRequest, SessionView};

use super::{limit, view};
use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, ChallengeErrors, OpenChangeErrors};
use crate::state::AppState;

/// Finish signing in with a second factor
///
/// With the challenge that `POST /api/v1/session` answered: a code of the authenticator app, or a recovery code. Each code is taken
/// once. A challenge takes five tries within five minutes; a user takes ten wrong codes an hour, wherever they come from.
#[utoipa::path(
    post,
    path = paths::SESSION_SECOND_FACTOR,
    tag = "session",
    request_body = SecondFactorRequest,
    responses(
        (status = 200, description = "Signed in; the session cookie is set.", body = SessionView),
        ChallengeErrors,
        OpenChangeErrors,
        BodyErrors,
    ),
)]
pub async fn finish_sign_in(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<SecondFactorRequest>,
) -> Result<Response, ApiError> {
    let SecondFactorRequest { challenge, code } = &request;
    limit::take(state.limiter(), client.address, &format!("challenge {challenge}")).await?;
    let session = services::identity::finish_sign_in(state.context(), challenge, code, client.into()).await?;
    Ok(view::begun(&state, &session).into_response())
}
