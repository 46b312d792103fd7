//! `POST /api/v1/profile/totp/confirm`.

use axum::extract::State;
use contract::paths;
use contract::profile::{ConfirmTotpRequest, RecoveryCodesView};

use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, RateErrors};
use crate::routes::session::{error, limit};
use crate::state::AppState;

/// Turn codes on, with the first of them
///
/// From now on sign-in asks for a code. Answers ten recovery codes, once.
#[utoipa::path(
    post,
    path = paths::PROFILE_TOTP_CONFIRM,
    tag = "profile",
    security(("session" = [])),
    request_body = ConfirmTotpRequest,
    responses(
        (status = 200, description = "On; the recovery codes.", body = RecoveryCodesView),
        ChangeErrors,
        ConflictErrors,
        RateErrors,
        BodyErrors,
    ),
)]
pub async fn confirm_totp(
    State(state): State<AppState>,
    user: SignedIn,
    Json(request): Json<ConfirmTotpRequest>,
) -> Result<Json<RecoveryCodesView>, ApiError> {
    limit::take_own(state.limiter(), user.session.user_id).await?;
    let confirmed = services::identity::confirm_totp(state.context(), user.actor(), &request.code).await;
    let codes = confirmed.map_err(|error| error::not_proved(error, "code"))?;
    Ok(Json(RecoveryCodesView { codes }))
}
