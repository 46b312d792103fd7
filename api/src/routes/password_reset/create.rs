//! `POST /api/v1/password-reset`.

use axum::extract::State;
use contract::paths;
use contract::profile::{MailRequest, MailRequestedView};
use http::StatusCode;
use services::identity::reset::RESET_MINUTES;

use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, MailErrors, OpenChangeErrors};
use crate::routes::session::{limit, view};
use crate::state::AppState;

/// Send a link to a new password
///
/// To that e-mail address, if a user with a password has it. The answer does not say whether one has.
#[utoipa::path(
    post,
    path = paths::PASSWORD_RESET,
    tag = "password-reset",
    request_body = MailRequest,
    responses(
        (status = 202, description = "A link is on its way, if a user has the address.", body = MailRequestedView),
        MailErrors,
        OpenChangeErrors,
        BodyErrors,
    ),
)]
pub async fn request_password_reset(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<MailRequest>,
) -> Result<(StatusCode, Json<MailRequestedView>), ApiError> {
    limit::take(state.limiter(), client.address, &format!("reset of {}", request.email.trim())).await?;
    services::identity::request_password_reset(state.context(), &request.email)?;
    Ok((StatusCode::ACCEPTED, Json(view::mailed("link", RESET_MINUTES))))
}
