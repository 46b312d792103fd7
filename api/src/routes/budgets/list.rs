//! `GET /api/v1/budgets`.

use axum::extract::State;
use contract::budgets::BudgetView;
use contract::page::{Page, PageQuery};
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The budgets
///
/// By name, with how each stands in the running month. Who may read one account's costs sees its budgets. Needs `cost:read`.
#[utoipa::path(
    get,
    path = paths::BUDGETS,
    tag = "budgets",
    security(("session" = []), ("key" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of budgets.", body = Page<BudgetView>), ListErrors, SignedInErrors),
)]
pub async fn list_budgets(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<BudgetView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let page = services::budgets::list_budgets(state.context(), &user.actor, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::budget).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
