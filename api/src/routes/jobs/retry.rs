//! `POST /api/v1/jobs/{job_id}/retry`.

use axum::extract::State;
use contract::jobs::JobView;
use contract::paths;
use domain::access::marker;
use domain::ids::JobId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ConflictErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Retry a job
///
/// A dead or cancelled job is queued again, with all its attempts. Needs `job:write`; what rebuilds, restores or terminates also the
/// permission for that and a fresh proof of who asks.
#[utoipa::path(
    post,
    path = paths::JOB_RETRY,
    tag = "jobs",
    security(("session" = []), ("key" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job.")),
    responses(
        (status = 200, description = "The job, queued.", body = JobView),
        ObjectErrors,
        ProvenChangeErrors,
        ConflictErrors,
    ),
)]
pub async fn retry_job(
    State(state): State<AppState>,
    user: Require<marker::JobWrite>,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, ApiError> {
    let job = services::jobs::retry_job(state.context(), &user.actor, id).await?;
    Ok(Json(view::job(job)))
}
