//! `POST /api/v1/report-runs/{report_run_id}/deliver`.

use axum::extract::State;
use contract::paths;
use contract::reports::ReportRunView;
use domain::access::marker;
use domain::ids::ReportRunId;
use http::StatusCode;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// Send the file of a run again
///
/// To those whom sending it was given up for, as before, with a new link. Who has it gets no other, nor does whom it is on its way
/// to; what somebody cancelled stays so. Needs `report:manage`, and what the report is about.
#[utoipa::path(
    post,
    path = paths::REPORT_DELIVER,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_run_id" = uuid::Uuid, Path, description = "The run.")),
    responses(
        (status = 202, description = "The run, with how each sending stands.", body = ReportRunView),
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn deliver_report_run(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Path(id): Path<ReportRunId>,
) -> Result<(StatusCode, Json<ReportRunView>), ApiError> {
    let run = services::reports::deliver_again(state.context(), &user.actor, id).await?;
    Ok((StatusCode::ACCEPTED, Json(view::run(run))))
}
