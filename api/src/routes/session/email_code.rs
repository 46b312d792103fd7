//! `POST /api/v1/session/email-code`.

use axum::extract::State;
use contract::paths;
use contract::profile::{MailRequest, MailRequestedView};
use http::StatusCode;
use services::identity::email_code::EMAIL_CODE_MINUTES;

use super::{limit, view};
use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, MailErrors, OpenChangeErrors};
use crate::state::AppState;

/// Send a code to sign in with
///
/// To that e-mail address, if a user has it. The answer does not say whether one has. A new code replaces the one before.
#[utoipa::path(
    post,
    path = paths::SESSION_EMAIL_CODE,
    tag = "session",
    request_body = MailRequest,
    responses(
        (status = 202, description = "A code is on its way, if a user has the address.", body = MailRequestedView),
        MailErrors,
        OpenChangeErrors,
        BodyErrors,
    ),
)]
pub async fn request_email_code(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<MailRequest>,
) -> Result<(StatusCode, Json<MailRequestedView>), ApiError> {
    limit::take(state.limiter(), client.address, &format!("code to {}", request.email.trim())).await?;
    services::identity::request_email_code(state.context(), &request.email)?;
    Ok((StatusCode::ACCEPTED, Json(view::mailed("code", EMAIL_CODE_MINUTES))))
}
