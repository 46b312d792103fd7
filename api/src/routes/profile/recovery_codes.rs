//! `POST /api/v1/profile/recovery-codes`.

use axum::extract::State;
use contract::paths;
use contract::profile::RecoveryCodesView;

use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::{ConflictErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Get new recovery codes
///
/// Ten of them, shown once; all earlier ones stop working.
#[utoipa::path(
    post,
    path = paths::PROFILE_RECOVERY_CODES,
    tag = "profile",
    security(("session" = [])),
    responses(
        (status = 200, description = "The codes.", body = RecoveryCodesView),
        ProvenChangeErrors,
        ConflictErrors,
    ),
)]
pub async fn replace_recovery_codes(
    State(state): State<AppState>,
    user: SignedIn,
) -> Result<Json<RecoveryCodesView>, ApiError> {
    let codes = services::identity::new_recovery_codes(state.context(), user.actor()).await?;
    Ok(Json(RecoveryCodesView { codes }))
}
