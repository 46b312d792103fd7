//! `DELETE /api/v1/report-runs/{report_run_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::ReportRunId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// Remove a run of a report
///
/// With its file, and the link to it. Needs `report:manage`.
#[utoipa::path(
    delete,
    path = paths::REPORT_RUN,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_run_id" = uuid::Uuid, Path, description = "The run.")),
    responses((status = 204, description = "It is gone."), ObjectErrors, ChangeErrors),
)]
pub async fn delete_report_run(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Path(id): Path<ReportRunId>,
) -> Result<StatusCode, ApiError> {
    services::reports::delete_run(state.context(), &user.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
