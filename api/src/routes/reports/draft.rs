//! `POST /api/v1/reports/preview`.

use axum::extract::State;
use contract::paths;
use contract::reports::{PreviewReportRequest, ReportPreviewView};
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::{BodyErrors, ChangeErrors};
use crate::state::AppState;

/// The first rows of a report that is not kept
///
/// As it would be now, with what you may see. Needs `report:manage`, and what its template is about; narrowed to teams, `user:read`
/// over everything too. It is in the audit log.
#[utoipa::path(
    post,
    path = paths::REPORT_DRAFT,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    request_body = PreviewReportRequest,
    responses(
        (status = 200, description = "Its columns and at most 20 rows.", body = ReportPreviewView),
        ChangeErrors,
        BodyErrors,
    ),
)]
pub async fn preview_report_draft(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Json(request): Json<PreviewReportRequest>,
) -> Result<Json<ReportPreviewView>, ApiError> {
    let draft = view::draft(request)?;
    let preview = services::reports::preview_draft(state.context(), &user.actor, draft).await?;
    Ok(Json(view::preview(preview)))
}
