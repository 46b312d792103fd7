//! `POST /api/v1/schedules/{name}/run`.

use axum::extract::State;
use axum::response::Response;
use contract::accounts::StartedJobsView;
use contract::paths;
use domain::access::marker;
use services::schedules::run_schedule_once;

use crate::error::ApiError;
use crate::extract::{Begun, Once, Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors, OnceErrors};
use crate::routes::accounts::view::started;
use crate::state::AppState;

/// Run a schedule now
///
/// Starts a job for each place of each enabled account, all or nothing; one that waits or runs already is given instead of a
/// second. The ticks of the schedule stay as they are, and a paused one can be run too. Needs `sync:run`.
#[utoipa::path(
    post,
    path = paths::SCHEDULE_RUN,
    tag = "schedules",
    security(("session" = []), ("key" = [])),
    params(("name" = String, Path, description = "The schedule's name, such as `sync-usage`.")),
    responses(
        (status = 202, description = "The jobs that do it; none when no account is enabled.", body = StartedJobsView),
        ObjectErrors,
        ChangeErrors,
        OnceErrors,
    ),
)]
pub async fn run_schedule(
    State(state): State<AppState>,
    user: Require<marker::SyncRun>,
    once: Once,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &()).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let begun = run_schedule_once(state.context(), &user.actor, &name, once.keep(|jobs| started(jobs))).await;
    once.end(begun, |jobs| started(jobs)).await
}
