//! `GET /api/v1/exports/reports/{report_id}/runs`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use domain::ids::ReportId;
use services::exports::tables::ReportRunTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Path, Require};
use crate::openapi::{ExportedFile, ObjectErrors, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the runs of a report along
///
/// Newest first. Needs `report:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_REPORT_RUNS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(("report_id" = uuid::Uuid, Path, description = "The report."), ExportQuery),
    responses(
        ExportedFile,
        ObjectErrors,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_report_runs(
    State(state): State<AppState>,
    user: Require<marker::ReportRead>,
    Path(report): Path<ReportId>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, ReportRunTable { report }, format).await
}
