//! `GET /api/v1/jobs/summary`.

use axum::extract::State;
use contract::jobs::JobSummaryView;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// The queue in numbers
///
/// How many jobs wait, run and are dead, in all and by kind, and for how long the oldest due one has waited. Needs `job:read`.
#[utoipa::path(
    get,
    path = paths::JOB_SUMMARY,
    tag = "jobs",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The queue in numbers.", body = JobSummaryView), SignedInErrors),
)]
pub async fn fetch_job_summary(
    State(state): State<AppState>,
    user: Require<marker::JobRead>,
) -> Result<Json<JobSummaryView>, ApiError> {
    Ok(Json(view::summary(services::jobs::job_summary(state.context(), &user.actor).await?)))
}
