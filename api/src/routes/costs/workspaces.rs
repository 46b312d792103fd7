//! `GET /api/v1/costs/workspaces`.

use axum::extract::State;
use contract::costs::{WorkspaceCostQuery, WorkspaceCostView};
use contract::page::Page;
use contract::paths;
use domain::access::marker;
use domain::usage::Month;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::routes::workspaces::filter;
use crate::state::AppState;

/// What each WorkSpace costs in a month
///
/// By our own reckoning: list prices, its mode and the changes of it, its hours. Of WorkSpaces whose usage you may read, in accounts
/// whose costs you may read. A page may have fewer rows than `limit`: those that were not there in that month are left out. With
/// `reckoned` it is of those that the comparison of that month with the bill counts so. Needs `cost:read` and `usage:read`.
#[utoipa::path(
    get,
    path = paths::COSTS_WORKSPACES,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(WorkspaceCostQuery),
    responses(
        (status = 200, description = "A page of WorkSpaces.", body = Page<WorkspaceCostView>),
        ListErrors,
        SignedInErrors,
    ),
)]
pub async fn list_workspace_costs(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<WorkspaceCostQuery>,
) -> Result<Json<Page<WorkspaceCostView>>, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running, running)?;
    let counted = ask::counted(&query)?;
    let request = filter::list_request(query.workspaces())?;
    let page = services::cost::list_workspace_costs(state.reading(), &user.actor, &request, month, counted).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::workspace).collect::<Result<_, _>>()?,
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
