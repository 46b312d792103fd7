//! `GET /api/v1/users`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::users::{USER_SORTS, UserQuery, UserView};
use domain::access::{GrantedRole, Role, marker};
use services::access::users::{Filter, Sort, SortDirection};

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request, search_text, sort_by, text_list};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The people
///
/// Everybody who may sign in, or could, with what they hold. Needs `user:read` over everything.
#[utoipa::path(
    get,
    path = paths::USERS,
    tag = "users",
    security(("session" = []), ("key" = [])),
    params(UserQuery),
    responses((status = 200, description = "A page of people.", body = Page<UserView>), ListErrors, SignedInErrors),
)]
pub async fn list_users(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Query(query): Query<UserQuery>,
) -> Result<Json<Page<UserView>>, ApiError> {
    let (filter, order) = narrowed(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::access::users::list_users(state.context(), &user.actor, filter, order, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::user).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}

/// What the query narrows the people to, and their order.
pub(crate) fn narrowed(query: &UserQuery) -> Result<(Filter, (Sort, SortDirection)), ApiError> {
    let roles = text_list("role", query.role.as_deref())?;
    let roles = roles.iter().map(|role| granted(role)).collect::<Result<_, _>>()?;
    let filter = Filter { q: search_text(query.q.clone())?, roles, enabled: query.enabled };
    Ok((filter, sort(query.sort.as_deref())?))
}

fn granted(text: &str) -> Result<GrantedRole, ApiError> {
    if let Ok(role) = text.parse::<Role>() {
        return Ok(GrantedRole::BuiltIn(role));
    }
    let message = || format!("{text:?} is neither a built-in role nor the id of one");
    text.parse().map(GrantedRole::Custom).map_err(|_| ApiError::query("role", "invalid", message()))
}

fn sort(text: Option<&str>) -> Result<(Sort, SortDirection), ApiError> {
    let (sort, descending) = sort_by(text.unwrap_or("email"), USER_SORTS, Sort::from_name)?;
    Ok((sort, if descending { SortDirection::Descending } else { SortDirection::Ascending }))
}
