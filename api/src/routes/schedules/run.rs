//! `POST /api/v1/schedules/{name}/run`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::accounts::StartedJobsView;
use contract::paths;
use domain::access::marker;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// Run a schedule now
///
/// Starts a job for each place of each enabled account, all or nothing; one that waits or runs already is given instead of a
/// second. The ticks of the schedule stay as they are, and a paused one can be run too. Needs `sync:run`.
#[utoipa::path(
    post,
    path = paths::SCHEDULE_RUN,
    tag = "schedules",
    security(("session" = [])),
    params(("name" = String, Path, description = "The schedule's name, such as `sync-usage`.")),
    responses(
        (status = 202, description = "The jobs that do it; none when no account is enabled.", body = StartedJobsView),
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn run_schedule(
    State(state): State<AppState>,
    user: Require<marker::SyncRun>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let job_ids = services::schedules::run_schedule(state.context(), &user.actor, &name).await?;
    Ok((StatusCode::ACCEPTED, Json(StartedJobsView { job_ids })).into_response())
}
