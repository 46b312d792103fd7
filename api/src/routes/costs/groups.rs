//! `GET /api/v1/costs/groups`.

use axum::extract::State;
use contract::costs::{CostGroupView, CostGroupsQuery};
use contract::page::Page;
use contract::paths;
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::routes::usage::period;
use crate::state::AppState;

/// Costs by group
///
/// By currency, the dearest first; months in their order. Needs `cost:read`.
#[utoipa::path(
    get,
    path = paths::COSTS_GROUPS,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(CostGroupsQuery),
    responses((status = 200, description = "A page of groups.", body = Page<CostGroupView>), ListErrors, SignedInErrors),
)]
pub async fn list_cost_groups(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<CostGroupsQuery>,
) -> Result<Json<Page<CostGroupView>>, ApiError> {
    let days = period::of(query.from, query.to, state.context().env.now())?;
    let asked = ask::days(ask::place(query.account.as_deref(), query.region.as_deref())?, days);
    let (by, _) = ask::by(query.by.as_deref())?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::cost::list_cost_groups(state.reading(), &user.actor, &asked, &by, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::group).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
