//! `GET /api/v1/accounts`.

use axum::extract::State;
use contract::accounts::{AccountQuery, AccountView};
use contract::page::Page;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The connected accounts
///
/// By name. Needs `account:read`.
#[utoipa::path(
    get,
    path = paths::ACCOUNTS,
    tag = "accounts",
    security(("session" = []), ("key" = [])),
    params(AccountQuery),
    responses((status = 200, description = "A page of accounts.", body = Page<AccountView>), ListErrors, SignedInErrors),
)]
pub async fn list_accounts(
    State(state): State<AppState>,
    user: Require<marker::AccountRead>,
    Query(query): Query<AccountQuery>,
) -> Result<Json<Page<AccountView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let page = services::accounts::list_accounts(state.context(), &user.actor, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::account).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
