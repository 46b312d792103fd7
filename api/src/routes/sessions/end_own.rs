//! `DELETE /api/v1/profile/sessions/{session_id}`.

use axum::extract::State;
use contract::paths;
use domain::ids::SessionId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Path, SignedIn};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// End one of your sessions
///
/// It is refused within a second, wherever it is used.
#[utoipa::path(
    delete,
    path = paths::PROFILE_SESSION,
    tag = "profile",
    security(("session" = [])),
    params(("session_id" = uuid::Uuid, Path, description = "The session.")),
    responses((status = 204, description = "Ended."), ObjectErrors, ChangeErrors),
)]
pub async fn delete_own_session(
    State(state): State<AppState>,
    user: SignedIn,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, ApiError> {
    services::sessions::end_own_session(state.context(), user.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
