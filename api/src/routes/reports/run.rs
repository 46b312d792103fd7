//! `POST /api/v1/reports/{report_id}/runs`.

use axum::extract::State;
use contract::paths;
use contract::reports::ReportRunView;
use domain::access::marker;
use domain::ids::ReportId;
use http::StatusCode;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// Make a report now
///
/// As its owner, with what they may see. A job makes it; the run tells how far it is. Needs `report:manage`.
#[utoipa::path(
    post,
    path = paths::REPORT_RUNS,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_id" = uuid::Uuid, Path, description = "The report.")),
    responses(
        (status = 202, description = "The run.", body = ReportRunView),
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn run_report(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Path(id): Path<ReportId>,
) -> Result<(StatusCode, Json<ReportRunView>), ApiError> {
    let run = services::reports::run_now(state.context(), &user.actor, id).await?;
    Ok((StatusCode::ACCEPTED, Json(view::run(run))))
}
