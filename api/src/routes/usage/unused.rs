//! `GET /api/v1/usage/unused`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsageUnusedQuery, UsageUnusedView};
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The WorkSpaces that nobody was connected to
///
/// Those that are there and whose usage is known over the days, by user name. Needs `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::USAGE_UNUSED,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageUnusedQuery),
    responses((status = 200, description = "A page of WorkSpaces.", body = UsageUnusedView), ListErrors, SignedInErrors),
)]
pub async fn list_usage_unused(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageUnusedQuery>,
) -> Result<Json<UsageUnusedView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let page = page_request(query.limit, query.cursor)?;
    let (ctx, actor) = (state.reading(), &user.actor);
    let page = services::usage::unused_workspaces(ctx, actor, &asked, &page);
    let (page, stand) = futures::try_join!(page, services::usage::usage_stand(ctx, actor, &asked))?;
    Ok(Json(UsageUnusedView {
        items: page.items.into_iter().map(view::workspace).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
        period: view::period(&asked, stand),
    }))
}
