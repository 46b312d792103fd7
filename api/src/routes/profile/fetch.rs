//! `GET /api/v1/profile`.

use axum::extract::State;
use contract::paths;
use contract::profile::ProfileView;

use super::view;
use crate::error::ApiError;
use crate::extract::{Etag, Json, SignedIn};
use crate::openapi::SessionErrors;
use crate::state::AppState;

/// What is known of you
#[utoipa::path(
    get,
    path = paths::PROFILE,
    tag = "profile",
    security(("session" = [])),
    responses((status = 200, description = "Oneself.", body = ProfileView), SessionErrors),
)]
pub async fn fetch_profile(
    State(state): State<AppState>,
    user: SignedIn,
) -> Result<(Etag, Json<ProfileView>), ApiError> {
    Ok(view::view(services::profile::fetch_profile(state.context(), user.actor()).await?))
}
