//! `GET /api/v1/views`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::views::{SavedView, ViewQuery};
use domain::views::ViewPage;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, SignedIn, closed_list, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The saved views
///
/// By name: one's own, and those that others share of pages that one may see.
#[utoipa::path(
    get,
    path = paths::VIEWS,
    tag = "views",
    security(("session" = [])),
    params(ViewQuery),
    responses((status = 200, description = "A page of views.", body = Page<SavedView>), ListErrors, SignedInErrors),
)]
pub async fn list_views(
    State(state): State<AppState>,
    user: SignedIn,
    Query(query): Query<ViewQuery>,
) -> Result<Json<Page<SavedView>>, ApiError> {
    let pages = closed_list("page", query.page.as_deref(), ViewPage::ALL)?;
    let page = page_request(query.limit, query.cursor)?;
    let found = services::views::list_views(state.context(), user.actor(), pages, page).await?;
    let asker = user.actor().user_id;
    Ok(Json(Page {
        items: found.items.into_iter().map(|record| view::view(record, asker)).collect(),
        next_cursor: found.next_cursor,
        total: found.total,
    }))
}
