//! `GET /api/v1/reports`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::reports::{ReportQuery, ReportView};
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The reports
///
/// One's own, the newest first; who has `report:manage` over everything sees also those of others that are about what they may read
/// over everything. Needs `report:read`.
#[utoipa::path(
    get,
    path = paths::REPORTS,
    tag = "reports",
    security(("session" = []), ("key" = [])),
    params(ReportQuery),
    responses((status = 200, description = "A page of reports.", body = Page<ReportView>), ListErrors, SignedInErrors),
)]
pub async fn list_reports(
    State(state): State<AppState>,
    user: Require<marker::ReportRead>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Page<ReportView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let page = services::reports::list_reports(state.context(), &user.actor, page).await?;
    let items = page.items.into_iter().map(view::report).collect();
    Ok(Json(Page { items, next_cursor: page.next_cursor, total: page.total }))
}
