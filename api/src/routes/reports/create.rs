//! `POST /api/v1/reports`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::reports::{CreateReportRequest, ReportView};
use domain::access::marker;
use http::StatusCode;
use services::idempotency::Answer;
use services::reports::{SavedReport, create_report_once};

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, Require, etag, json_answer};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, OnceErrors};
use crate::state::AppState;

/// Make a report
///
/// It is yours, and made with what you may see on the day on which it is made. The secret of its webhook is in this answer, and in no
/// later one. Needs `report:manage`, and what its template is about; narrowed to teams, `user:read` over everything too.
#[utoipa::path(
    post,
    path = paths::REPORTS,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    request_body = CreateReportRequest,
    responses(
        (status = 201, description = "The report; `Location` is its address.", body = ReportView),
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_report(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    once: Once,
    Json(request): Json<CreateReportRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let made = match view::wanted(request) {
        Ok(new) => {
            create_report_once(state.context(), &user.actor, new, once.keep(answer)).await.map_err(ApiError::from)
        }
        Err(error) => Err(error),
    };
    once.end(made, answer).await
}

fn answer(made: &SavedReport) -> Answer {
    let location = paths::with_id(paths::REPORT, made.report.id);
    let answer = json_answer(StatusCode::CREATED, &view::saved(made.clone()));
    let answer = answer.header("location", location).header("etag", etag(made.report.version).text());
    if made.webhook_secret.is_some() { answer.secret() } else { answer }
}
