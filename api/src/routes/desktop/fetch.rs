//! `GET /api/v1/desktop`.

use axum::extract::State;
use contract::desktop::MyDesktopsView;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// Your desktops
///
/// The WorkSpaces that carry your name, each with its state in plain words, what you can do with it now, and this month's hours.
/// Only your own, however far you may see otherwise.
#[utoipa::path(
    get,
    path = paths::DESKTOP,
    tag = "desktop",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "Your desktops.", body = MyDesktopsView), SignedInErrors),
)]
pub async fn fetch_my_desktops(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
) -> Result<Json<MyDesktopsView>, ApiError> {
    Ok(Json(view::desktops(services::desktop::fetch_my_desktops(state.context(), &user.actor).await?)))
}
