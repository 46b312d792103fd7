//! `PUT /api/v1/reports/{report_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::reports::{CreateReportRequest, ReportView};
use domain::access::marker;
use domain::ids::ReportId;

use super::view;
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, Require, etag};
use crate::openapi::{BodyErrors, ChangeErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Change a report
///
/// All of it. It stays its owner's. The secret of a new webhook is in this answer, and in no later one. Needs `report:manage`, and what its
/// template is about; narrowed to teams, `user:read` over everything too.
#[utoipa::path(
    put,
    path = paths::REPORT,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(
        ("report_id" = uuid::Uuid, Path, description = "The report."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = CreateReportRequest,
    responses(
        (status = 200, description = "The report as it is now.", body = ReportView),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
    ),
)]
pub async fn update_report(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Path(id): Path<ReportId>,
    condition: IfMatch,
    Json(request): Json<CreateReportRequest>,
) -> Result<Response, ApiError> {
    let (change, expected) = (view::wanted(request)?, condition.expected());
    let saved = services::reports::update_report(state.context(), &user.actor, id, expected, change).await?;
    Ok((etag(saved.report.version), Json(view::saved(saved))).into_response())
}
