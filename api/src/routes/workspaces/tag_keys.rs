//! `GET /api/v1/workspaces/tag-keys`.

use axum::extract::State;
use contract::page::{Page, PageQuery};
use contract::paths;
use contract::workspaces::TagKeyView;
use domain::access::marker;

use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The keys of tags
///
/// By name; those that a WorkSpace has which you see. What `tag` filters by, and what usage is told apart by as `tag:KEY`. Needs
/// `workspace:read`.
#[utoipa::path(
    get,
    path = paths::WORKSPACE_TAG_KEYS,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of keys.", body = Page<TagKeyView>), ListErrors, SignedInErrors),
)]
pub async fn list_workspace_tag_keys(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TagKeyView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let page = services::workspaces::list_tag_keys(state.context(), &user.actor, &page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(|key| TagKeyView { key }).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
