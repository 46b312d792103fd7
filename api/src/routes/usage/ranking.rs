//! `GET /api/v1/usage/ranking`.

use axum::extract::State;
use contract::paths;
use contract::usage::{ORDERS, UsageRankingQuery, UsageRankingView};
use domain::access::marker;
use services::workspaces::SortDirection;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_value, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The WorkSpaces that were connected longest or shortest
///
/// Those that were connected at all. Needs `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::USAGE_RANKING,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageRankingQuery),
    responses((status = 200, description = "A page of WorkSpaces.", body = UsageRankingView), ListErrors, SignedInErrors),
)]
pub async fn list_usage_ranking(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageRankingQuery>,
) -> Result<Json<UsageRankingView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let direction = direction(query.order.as_deref())?;
    let page = page_request(query.limit, query.cursor)?;
    let (ctx, actor) = (state.reading(), &user.actor);
    let page = services::usage::rank_usage(ctx, actor, &asked, direction, &page);
    let (page, stand) = futures::try_join!(page, services::usage::usage_stand(ctx, actor, &asked))?;
    Ok(Json(UsageRankingView {
        items: page.items.into_iter().map(view::ranked).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
        period: view::period(&asked, stand),
    }))
}

/// Which end comes first: the longest when nothing is said.
///
/// # Errors
/// 400 `invalid_query` that names the choices.
pub(crate) fn direction(order: Option<&str>) -> Result<SortDirection, ApiError> {
    Ok(match closed_value("order", order, ORDERS)? {
        Some("least") => SortDirection::Ascending,
        _ => SortDirection::Descending,
    })
}
