//! `PUT /api/v1/profile/password`.

use axum::extract::State;
use contract::paths;
use contract::profile::ChangePasswordRequest;
use http::StatusCode;
use services::profile::ProfileError;

use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::{BodyErrors, ChangeErrors, RateErrors};
use crate::routes::session::limit;
use crate::state::AppState;

/// Change your password
///
/// The password until now proves that it is you. All your other sessions end. Tries are limited as they are for signing in.
#[utoipa::path(
    put,
    path = paths::PROFILE_PASSWORD,
    tag = "profile",
    security(("session" = [])),
    request_body = ChangePasswordRequest,
    responses((status = 204, description = "Changed."), ChangeErrors, RateErrors, BodyErrors),
)]
pub async fn change_password(
    State(state): State<AppState>,
    user: SignedIn,
    Json(request): Json<ChangePasswordRequest>,
) -> Result<StatusCode, ApiError> {
    limit::take_own(state.limiter(), user.session.user_id).await?;
    let ChangePasswordRequest { current_password, new_password } = &request;
    let changed =
        services::profile::change_password(state.context(), user.actor(), current_password, new_password).await;
    match changed {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(ProfileError::WeakPassword(weak)) => {
            Err(ApiError::body_field("new_password", weak.code(), weak.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}
