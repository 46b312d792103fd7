//! `GET /api/v1/overview`.

use axum::extract::State;
use contract::overview::OverviewView;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// The fleet in numbers
///
/// Counts what you may see. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::OVERVIEW,
    tag = "overview",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The fleet in numbers.", body = OverviewView), SignedInErrors),
)]
pub async fn fetch_overview(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
) -> Result<Json<OverviewView>, ApiError> {
    let overview = services::workspaces::overview(state.context(), &user.actor).await?;
    Ok(Json(view::view(overview)))
}
