//! `GET /api/v1/schedules`.

use axum::extract::State;
use contract::paths;
use contract::schedules::SchedulesView;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// The schedules
///
/// All of them, with the period that holds, who changed what, the last and next tick, and how their places stand. Needs `job:read`.
#[utoipa::path(
    get,
    path = paths::SCHEDULES,
    tag = "schedules",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The schedules.", body = SchedulesView), SignedInErrors),
)]
pub async fn list_schedules(
    State(state): State<AppState>,
    user: Require<marker::JobRead>,
) -> Result<Json<SchedulesView>, ApiError> {
    let schedules = services::schedules::list_schedules(state.context(), &user.actor).await?;
    let items = schedules.into_iter().map(view::schedule).collect();
    Ok(Json(SchedulesView { enabled: state.context().policy.now().sync.enabled, items }))
}
