//! `POST /api/v1/password-reset/confirm`.

use axum::extract::State;
use contract::paths;
use contract::profile::ConfirmPasswordResetRequest;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, LinkErrors, OpenChangeErrors};
use crate::routes::session::limit;
use crate::state::AppState;

/// Set a new password by a mailed link
///
/// Ends all sessions of the user. A second factor stays as it is: the next sign-in asks for it. A refused password spends nothing.
#[utoipa::path(
    post,
    path = paths::PASSWORD_RESET_CONFIRM,
    tag = "password-reset",
    request_body = ConfirmPasswordResetRequest,
    responses((status = 204, description = "The new password is set."), LinkErrors, OpenChangeErrors, BodyErrors),
)]
pub async fn confirm_password_reset(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<ConfirmPasswordResetRequest>,
) -> Result<StatusCode, ApiError> {
    limit::take_nameless(state.limiter(), client.address, "link-to-a-new-password").await?;
    let ConfirmPasswordResetRequest { token, password } = &request;
    services::identity::confirm_password_reset(state.context(), token, password, &client.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
