//! `GET /api/v1/requests`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::requests::{RequestQuery, RequestView};
use domain::access::marker;
use domain::ids::UserId;
use domain::requests::{RequestKind, RequestStatus};
use services::requests::RequestFilter;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_list, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The requests
///
/// Newest first: one's own, and those of people and about desktops within the scope of `request:read`.
#[utoipa::path(
    get,
    path = paths::REQUESTS,
    tag = "requests",
    security(("session" = []), ("key" = [])),
    params(RequestQuery),
    responses((status = 200, description = "A page of requests.", body = Page<RequestView>), ListErrors, SignedInErrors),
)]
pub async fn list_requests(
    State(state): State<AppState>,
    user: Require<marker::RequestRead>,
    Query(query): Query<RequestQuery>,
) -> Result<Json<Page<RequestView>>, ApiError> {
    let asker = user.actor.user_id;
    let filter = narrowed(&query, asker)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::requests::list_requests(state.context(), &user.actor, &filter, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(|record| view::request(record, asker)).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}

/// What the list is narrowed to.
///
/// # Errors
/// 400 `invalid_query` that names the parameter and the choices.
pub(crate) fn narrowed(query: &RequestQuery, asker: Option<UserId>) -> Result<RequestFilter, ApiError> {
    Ok(RequestFilter {
        statuses: closed_list("status", query.status.as_deref(), RequestStatus::ALL)?,
        kinds: closed_list("kind", query.kind.as_deref(), RequestKind::ALL)?,
        user_id: asker.filter(|_| query.own.unwrap_or_default()),
    })
}
