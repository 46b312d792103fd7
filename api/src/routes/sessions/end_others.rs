//! `DELETE /api/v1/profile/sessions`.

use axum::extract::State;
use contract::paths;
use contract::session::EndedSessionsView;

use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::ChangeErrors;
use crate::state::AppState;

/// End all your sessions but this one
#[utoipa::path(
    delete,
    path = paths::PROFILE_SESSIONS,
    tag = "profile",
    security(("session" = [])),
    responses((status = 200, description = "How many were ended.", body = EndedSessionsView), ChangeErrors),
)]
pub async fn delete_other_sessions(
    State(state): State<AppState>,
    user: SignedIn,
) -> Result<Json<EndedSessionsView>, ApiError> {
    let ended = services::sessions::end_other_sessions(state.context(), user.actor()).await?;
    Ok(Json(EndedSessionsView { ended }))
}
