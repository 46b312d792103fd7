//! `GET /api/v1/teams`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::teams::{TeamQuery, TeamView};
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request, search_text};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The teams
///
/// By name. Needs `user:read` over everything.
#[utoipa::path(
    get,
    path = paths::TEAMS,
    tag = "teams",
    security(("session" = []), ("key" = [])),
    params(TeamQuery),
    responses((status = 200, description = "A page of teams.", body = Page<TeamView>), ListErrors, SignedInErrors),
)]
pub async fn list_teams(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Query(query): Query<TeamQuery>,
) -> Result<Json<Page<TeamView>>, ApiError> {
    let (q, page) = (search_text(query.q)?, page_request(query.limit, query.cursor)?);
    let page = services::access::teams::list_teams(state.context(), &user.actor, q, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(|(team, members)| view::team(team, members)).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
