//! `DELETE /api/v1/report-runs/{report_run_id}/link`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::ReportRunId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// Take the links to the file of a run back
///
/// The one that somebody asked for and those that were sent: they are answered with 404 from then on. What is still to be sent of it
/// is cancelled. The file stays, and may have a new link. Needs `report:manage`, and what the report is about.
#[utoipa::path(
    delete,
    path = paths::REPORT_LINK,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_run_id" = uuid::Uuid, Path, description = "The run.")),
    responses((status = 204, description = "None of them opens the file."), ObjectErrors, ChangeErrors),
)]
pub async fn unlink_report_file(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Path(id): Path<ReportRunId>,
) -> Result<StatusCode, ApiError> {
    services::reports::unlink_run(state.context(), &user.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
