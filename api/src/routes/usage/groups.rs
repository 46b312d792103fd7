//! `GET /api/v1/usage/groups`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsageGroupsQuery, UsageGroupsView};
use domain::access::marker;
use domain::usage::Comparison;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_value, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// Usage by group
///
/// The longest connected first; groups without usage are not listed. With `compare` what each came to on earlier days is beside it,
/// where its usage is known from the first of them on. Needs `usage:read`; by team `user:read` too. Somebody in two teams counts in
/// both.
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
    let compare = closed_value("compare", query.compare.as_deref(), Comparison::ALL)?;
    let (ctx, actor) = (state.reading(), &user.actor);
    let found = services::usage::compare_usage_groups(ctx, actor, &asked, &by, compare, &page).await?;
    Ok(Json(UsageGroupsView {
        items: found.page.items.into_iter().map(view::group_beside).collect(),
        next_cursor: found.page.next_cursor,
        total: found.page.total,
        previous: found.earlier.map(view::earlier),
        period: view::period(&asked, found.stand),
    }))
}
