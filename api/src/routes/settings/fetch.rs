//! `GET /api/v1/settings`.

use axum::extract::State;
use contract::paths;
use contract::settings::SettingsView;
use domain::access::{Permission, marker};

use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// Every setting, and where it was set
///
/// As the process that answers was started with them; a change takes effect when it is started again. Passwords are not shown.
/// Needs `system:read` over everything.
#[utoipa::path(
    get,
    path = paths::SETTINGS,
    tag = "meta",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The settings.", body = SettingsView), SignedInErrors),
)]
pub async fn fetch_settings(
    State(state): State<AppState>,
    user: Require<marker::SystemRead>,
) -> Result<Json<SettingsView>, ApiError> {
    user.actor.require_everywhere(Permission::SystemRead)?;
    Ok(Json(state.settings().clone()))
}
