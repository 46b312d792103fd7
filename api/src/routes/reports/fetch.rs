//! `GET /api/v1/reports/{report_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::reports::ReportView;
use domain::access::marker;
use domain::ids::ReportId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One report
///
/// Needs `report:read`.
#[utoipa::path(
    get,
    path = paths::REPORT,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_id" = uuid::Uuid, Path, description = "The report.")),
    responses(
        (status = 200, description = "The report; `ETag` is its version.", body = ReportView),
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_report(
    State(state): State<AppState>,
    user: Require<marker::ReportRead>,
    Path(id): Path<ReportId>,
) -> Result<Response, ApiError> {
    let report = services::reports::fetch_report(state.context(), &user.actor, id).await?;
    Ok((etag(report.version), Json(view::report(report))).into_response())
}
