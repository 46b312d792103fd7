//! `GET /api/v1/usage/groups`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsageGroupsQuery, UsageGroupsView};
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// Usage by group
///
/// The longest connected first; groups without usage are not listed. Needs `usage:read`; by team `user:read` too. Somebody in two
/// teams counts in both.
#[utoipa::path(
    get,
    path = paths::USAGE_GROUPS,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageGroupsQuery),
    responses((status = 200, description = "A page of groups.", body = UsageGroupsView), ListErrors, SignedInErrors),
)]
pub async fn list_usage_groups(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageGroupsQuery>,
) -> Result<Json<UsageGroupsView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let by = ask::group(query.by.as_deref())?;
    let page = page_request(query.limit, query.cursor)?;
    let (ctx, actor) = (state.reading(), &user.actor);
    let page = services::usage::list_usage_groups(ctx, actor, &asked, &by, &page);
    let (page, stand) = futures::try_join!(page, services::usage::usage_stand(ctx, actor, &asked))?;
    Ok(Json(UsageGroupsView {
        items: page.items.into_iter().map(view::group).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
        period: view::period(&asked, stand),
    }))
}
