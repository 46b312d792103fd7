//! `GET /api/v1/reports/{report_id}/runs`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::reports::{ReportQuery, ReportRunView};
use domain::access::marker;
use domain::ids::ReportId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query, Require, page_request};
use crate::openapi::{ListErrors, ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// The runs of a report
///
/// The newest first; as many files are kept as the report says. Needs `report:read`.
#[utoipa::path(
    get,
    path = paths::REPORT_RUNS,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(("report_id" = uuid::Uuid, Path, description = "The report."), ReportQuery),
    responses(
        (status = 200, description = "A page of runs.", body = Page<ReportRunView>),
        ListErrors,
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn list_report_runs(
    State(state): State<AppState>,
    user: Require<marker::ReportRead>,
    Path(id): Path<ReportId>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Page<ReportRunView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let page = services::reports::list_runs(state.context(), &user.actor, id, page).await?;
    let items = page.items.into_iter().map(view::run).collect();
    Ok(Json(Page { items, next_cursor: page.next_cursor, total: page.total }))
}
