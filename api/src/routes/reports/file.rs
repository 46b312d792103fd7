//! `GET /api/v1/report-runs/{report_run_id}/file`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use domain::access::marker;
use domain::ids::ReportRunId;

use super::send::send;
use crate::error::ApiError;
use crate::extract::{Path, Require};
use crate::openapi::{ExportedFile, ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// The file of a run
///
/// Needs `report:read`, and what the report is about; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::REPORT_FILE,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_run_id" = uuid::Uuid, Path, description = "The run.")),
    responses(
        ExportedFile,
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_report_file(
    State(state): State<AppState>,
    user: Require<marker::ReportRead>,
    Path(id): Path<ReportRunId>,
) -> Result<Response, ApiError> {
    Ok(send(services::reports::download_run(state.context(), &user.actor, id).await?))
}
