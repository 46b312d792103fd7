//! `GET /api/v1/directories`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::places::{DirectoryView, PlaceQuery};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The directories
///
/// A directory that you were given a role over, those of the desktops that you see, or all of whole accounts and regions.
/// Each with how many WorkSpaces you see of it. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::DIRECTORIES,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(PlaceQuery),
    responses((status = 200, description = "A page of directories.", body = Page<DirectoryView>), ListErrors, SignedInErrors),
)]
pub async fn list_directories(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<PlaceQuery>,
) -> Result<Json<Page<DirectoryView>>, ApiError> {
    let (filter, order) = filter::narrowed(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::workspaces::list_directories(state.context(), &user.actor, &filter, order, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::directory).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
