//! `GET /api/v1/reports/{report_id}/preview`.

use axum::extract::State;
use contract::paths;
use contract::reports::ReportPreviewView;
use domain::access::marker;
use domain::ids::ReportId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ConflictErrors, ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// The first rows of a report
///
/// As it would be now, with what you may see. Needs `report:read`, and what its template is about; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::REPORT_PREVIEW,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_id" = uuid::Uuid, Path, description = "The report.")),
    responses(
        (status = 200, description = "Its columns and at most 20 rows.", body = ReportPreviewView),
        ObjectErrors,
        ConflictErrors,
        SignedInErrors,
    ),
)]
pub async fn preview_report(
    State(state): State<AppState>,
    user: Require<marker::ReportRead>,
    Path(id): Path<ReportId>,
) -> Result<Json<ReportPreviewView>, ApiError> {
    let preview = services::reports::preview_report(state.context(), &user.actor, id).await?;
    Ok(Json(view::preview(preview)))
}
