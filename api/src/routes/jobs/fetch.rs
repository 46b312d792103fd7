//! `GET /api/v1/jobs/{job_id}`.

use axum::extract::State;
use contract::jobs::JobDetailView;
use contract::paths;
use domain::ids::JobId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, Path};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One job
///
/// With its report, its attempts and the end of its log. Needs `job:read`, unless you asked for the job yourself.
#[utoipa::path(
    get,
    path = paths::JOB,
    tag = "jobs",
    security(("session" = []), ("key" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job.")),
    responses((status = 200, description = "The job.", body = JobDetailView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_job(
    State(state): State<AppState>,
    user: Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<JobDetailView>, ApiError> {
    let detail = services::jobs::fetch_job(state.context(), &user.actor, id).await?;
    let detail = detail.ok_or_else(|| ApiError::not_found("job"))?;
    Ok(Json(view::detail(detail)))
}
