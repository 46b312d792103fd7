//! `DELETE /api/v1/reports/{report_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::ReportId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{IfMatch, Path, Require};
use crate::openapi::{ChangeErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Remove a report
///
/// With its runs and their files. Needs `report:manage`.
#[utoipa::path(
    delete,
    path = paths::REPORT,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(
        ("report_id" = uuid::Uuid, Path, description = "The report."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    responses((status = 204, description = "It is gone."), EditErrors, ObjectErrors, ChangeErrors),
)]
pub async fn delete_report(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Path(id): Path<ReportId>,
    condition: IfMatch,
) -> Result<StatusCode, ApiError> {
    services::reports::delete_report(state.context(), &user.actor, id, condition.expected()).await?;
    Ok(StatusCode::NO_CONTENT)
}
