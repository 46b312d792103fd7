//! `POST /api/v1/session/email-code/verify`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::session::{EmailCodeRequest, SecondFactorView, SessionView};

use super::{limit, view};
use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, CodeErrors, OpenChangeErrors};
use crate::state::AppState;

/// Sign in by a mailed code
///
/// A code works once, for ten minutes and five tries.
#[utoipa::path(
    post,
    path = paths::SESSION_EMAIL_CODE_VERIFY,
    tag = "session",
    request_body = EmailCodeRequest,
    responses(
        (status = 200, description = "Signed in; the session cookie is set.", body = SessionView),
        (status = 202, description = "A second factor is asked for.", body = SecondFactorView),
        CodeErrors,
        OpenChangeErrors,
        BodyErrors,
    ),
)]
pub async fn verify_email_code(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<EmailCodeRequest>,
) -> Result<Response, ApiError> {
    let EmailCodeRequest { email, code } = &request;
    limit::take(state.limiter(), client.address, &format!("code of {}", email.trim())).await?;
    let signed_in = services::identity::verify_email_code(state.context(), email, code, client.into()).await?;
    Ok(view::signed_in(&state, &signed_in))
}
