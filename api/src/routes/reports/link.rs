//! `POST /api/v1/report-runs/{report_run_id}/link`.

use axum::extract::State;
use contract::paths;
use contract::reports::ReportLinkView;
use domain::access::marker;
use domain::ids::ReportRunId;

use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// A link to the file of a run
///
/// Whoever has it fetches the file without signing in, for 24 hours; the link before it ends. Needs `report:manage`, and what the
/// report is about.
#[utoipa::path(
    post,
    path = paths::REPORT_LINK,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_run_id" = uuid::Uuid, Path, description = "The run.")),
    responses(
        (status = 200, description = "The link; it is shown once.", body = ReportLinkView),
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn link_report_file(
    State(state): State<AppState>,
    user: Require<marker::ReportManage>,
    Path(id): Path<ReportRunId>,
) -> Result<Json<ReportLinkView>, ApiError> {
    let link = services::reports::link_run(state.context(), &user.actor, id).await?;
    let path = paths::with_id(paths::REPORT_LINKED, link.token);
    let url = format!("{}{path}", state.context().policy.now().base_url);
    Ok(Json(ReportLinkView { url, expires_at: link.expires_at }))
}
