//! `GET /api/v1/costs/estimates`.

use axum::extract::State;
use contract::costs::{CostEstimatesQuery, EstimateGroupView};
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceQuery;
use domain::access::marker;
use domain::usage::Month;
use services::cost::EstimateBy;
use services::workspaces::WorkspaceFilter;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_value, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::routes::workspaces::filter;
use crate::state::AppState;

/// What the fleet costs in a month by group
///
/// By our own reckoning: the sums of what each WorkSpace costs, those that went within the month included. By currency, the dearest
/// first; what has no estimate last. Of WorkSpaces whose usage you may read, in accounts whose costs you may read. A WorkSpace belongs
/// to the teams of the person whose name it bears: to each of them as a whole, or to the group without a key. Each group has the month
/// before beside it, by as many days while the month runs, at the same prices, told apart as WorkSpaces are today. Needs `cost:read` and
/// `usage:read`; by team `user:read` over everything too.
#[utoipa::path(
    get,
    path = paths::COSTS_ESTIMATES,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(CostEstimatesQuery),
    responses(
        (status = 200, description = "A page of groups.", body = Page<EstimateGroupView>),
        ListErrors,
        SignedInErrors,
    ),
)]
pub async fn list_cost_estimates(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<CostEstimatesQuery>,
) -> Result<Json<Page<EstimateGroupView>>, ApiError> {
    let (month, asked, by) = asked(&state, query.month, query.by.as_deref(), query.account, query.region)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::cost::list_cost_estimates(state.reading(), &user.actor, &asked, by, month, &page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(|group| view::estimate(by, group)).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}

/// Which month, of which accounts and regions, told apart by what.
pub(crate) fn asked(
    state: &AppState,
    month: Option<Month>,
    by: Option<&str>,
    account: Option<String>,
    region: Option<String>,
) -> Result<(Month, WorkspaceFilter, EstimateBy), ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(month, running, running)?;
    let by = closed_value("by", by, EstimateBy::ALL)?.unwrap_or_default();
    let place = WorkspaceQuery { account, region, ..WorkspaceQuery::default() };
    Ok((month, filter::list_request(place)?.filter, by))
}
