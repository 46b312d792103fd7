//! `GET /api/v1/quotas`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::places::{QuotaQuery, QuotaView};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The quotas
///
/// How much AWS allows in the accounts and regions that you see wholly, and how much of it is used, as far as that can be counted from
/// the inventory. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::QUOTAS,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(QuotaQuery),
    responses((status = 200, description = "A page of quotas.", body = Page<QuotaView>), ListErrors, SignedInErrors),
)]
pub async fn list_quotas(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<QuotaQuery>,
) -> Result<Json<Page<QuotaView>>, ApiError> {
    let (filter, order) = filter::narrowed_quotas(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::workspaces::list_quotas(state.context(), &user.actor, &filter, order, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::quota).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
