//! `POST /api/v1/profile/totp`.

use axum::extract::State;
use contract::paths;
use contract::profile::TotpSetupView;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::{ConflictErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Begin with codes of an authenticator app
///
/// Answers the secret for the app, once. Sign-in asks for codes after the first was confirmed.
#[utoipa::path(
    post,
    path = paths::PROFILE_TOTP,
    tag = "profile",
    security(("session" = [])),
    responses(
        (status = 201, description = "The secret for the app.", body = TotpSetupView),
        ProvenChangeErrors,
        ConflictErrors,
    ),
)]
pub async fn begin_totp(
    State(state): State<AppState>,
    user: SignedIn,
) -> Result<(StatusCode, Json<TotpSetupView>), ApiError> {
    let setup = services::identity::begin_totp(state.context(), user.actor()).await?;
    let view = TotpSetupView { secret: setup.secret, uri: setup.uri, qr_svg: setup.qr_svg };
    Ok((StatusCode::CREATED, Json(view)))
}
