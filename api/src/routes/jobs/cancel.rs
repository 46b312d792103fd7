//! `POST /api/v1/jobs/{job_id}/cancel`.

use axum::extract::State;
use contract::jobs::JobView;
use contract::paths;
use domain::access::marker;
use domain::ids::JobId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, ConflictErrors, ObjectErrors};
use crate::state::AppState;

/// Cancel a job
///
/// One that waits is cancelled at once, one that runs sees it within two seconds. Needs `job:write`.
#[utoipa::path(
    post,
    path = paths::JOB_CANCEL,
    tag = "jobs",
    security(("session" = []), ("key" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job.")),
    responses(
        (status = 200, description = "The job; `cancel_requested` while it still runs.", body = JobView),
        ObjectErrors,
        ChangeErrors,
        ConflictErrors,
    ),
)]
pub async fn cancel_job(
    State(state): State<AppState>,
    user: Require<marker::JobWrite>,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, ApiError> {
    let job = services::jobs::cancel_job(state.context(), &user.actor, id).await?;
    Ok(Json(view::job(job)))
}
