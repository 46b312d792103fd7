//! `GET /api/v1/profile/export`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::openapi::SessionErrors;
use crate::state::AppState;

/// Take your data along
///
/// One ZIP with a JSON file each for you, your roles, teams, sessions, API keys, invitations, desktops, and what the audit log
/// has of you. Neither passwords nor the secrets of keys are in it, and nothing that names other people.
#[utoipa::path(
    get,
    path = paths::PROFILE_EXPORT,
    tag = "profile",
    security(("session" = [])),
    responses(
        (status = 200, description = "The archive.", body = Vec<u8>, content_type = "application/zip"),
        SessionErrors,
    ),
)]
pub async fn export_profile(State(state): State<AppState>, user: SignedIn) -> Result<Response, ApiError> {
    let export = services::privacy::export_own(state.context(), user.actor()).await?;
    let file = format!("attachment; filename=\"wheelhouse-{}.zip\"", export.at.format("%Y-%m-%d"));
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (CONTENT_DISPOSITION, file),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, export.bytes).into_response())
}
