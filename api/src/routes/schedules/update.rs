//! `PATCH /api/v1/schedules/{name}`.

use axum::extract::State;
use contract::paths;
use contract::schedules::{ScheduleView, UpdateScheduleRequest};
use domain::access::marker;
use services::schedules::ScheduleChange;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{BodyErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Change a schedule
///
/// Sets its period, pauses or resumes it; what is left out stays as it is, and `period_secs: null` brings the configured period
/// back. It holds within seconds on every worker. A schedule that is resumed makes up for one missed tick at most. Needs `schedule:write`;
/// what keeps watch over the audit log is changed only with `audit:export` too, and with a fresh proof.
#[utoipa::path(
    patch,
    path = paths::SCHEDULE,
    tag = "schedules",
    security(("session" = []), ("key" = [])),
    params(("name" = String, Path, description = "The schedule's name, such as `sync-usage`.")),
    request_body = UpdateScheduleRequest,
    responses(
        (status = 200, description = "The schedule as it is now.", body = ScheduleView),
        ObjectErrors,
        ProvenChangeErrors,
        BodyErrors,
    ),
)]
pub async fn update_schedule(
    State(state): State<AppState>,
    user: Require<marker::ScheduleWrite>,
    Path(name): Path<String>,
    Json(request): Json<UpdateScheduleRequest>,
) -> Result<Json<ScheduleView>, ApiError> {
    let change = ScheduleChange { period_secs: request.period_secs, paused: request.paused };
    let schedule = services::schedules::update_schedule(state.context(), &user.actor, &name, change).await?;
    Ok(Json(view::schedule(schedule)))
}
