//! `GET /api/v1/trail/coverage`.

use axum::extract::State;
use contract::paths;
use contract::trail::TrailCoverageView;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// How far AWS's events are known
///
/// For each region of each account from when to when, what is missing in between and why. Needs `audit:read`.
#[utoipa::path(
    get,
    path = paths::TRAIL_COVERAGE,
    tag = "trail",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "How far they are known.", body = TrailCoverageView), SignedInErrors),
)]
pub async fn fetch_trail_coverage(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
) -> Result<Json<TrailCoverageView>, ApiError> {
    let known = services::trail::trail_coverage(state.reading(), &user.actor).await?;
    let places = services::trail::coverage_by_place(state.reading(), &user.actor).await?;
    Ok(Json(view::coverage(known, places)))
}
