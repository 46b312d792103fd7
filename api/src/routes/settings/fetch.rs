//! `GET /api/v1/settings`.

use axum::extract::State;
use contract::paths;
use contract::settings::SettingsView;
use domain::access::{Permission, marker};

use super::view::settings;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// Every setting, and where it was set
///
/// As they are in force in the process that answers. A change of one that is `live` takes effect when its settings are read again
/// (SIGHUP), of another when it is started again. Passwords are not shown.
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
    Ok(Json(settings(&state.config())))
}
