//! `GET /api/v1/setup`.

use axum::extract::State;
use contract::paths;
use contract::session::SetupView;

use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// Is the owner still to be created?
///
/// Needs no sign-in: the portal asks before it knows anybody.
#[utoipa::path(
    get,
    path = paths::SETUP,
    tag = "setup",
    responses((status = 200, description = "Whether the one-time link is still to be used.", body = SetupView)),
)]
pub async fn fetch_setup(State(state): State<AppState>) -> Result<Json<SetupView>, ApiError> {
    let setup = services::identity::setup_state(state.context()).await?;
    Ok(Json(SetupView { needs_owner: setup.needs_owner, mail: state.context().mail.is_on() }))
}
