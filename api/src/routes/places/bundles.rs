//! `GET /api/v1/bundles`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::places::{BundleView, PlaceQuery};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The bundles
///
/// All of whole accounts and regions; otherwise those that a WorkSpace which you see is made from.
/// Each with how many WorkSpaces you see of it. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::BUNDLES,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(PlaceQuery),
    responses((status = 200, description = "A page of bundles.", body = Page<BundleView>), ListErrors, SignedInErrors),
)]
pub async fn list_bundles(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<PlaceQuery>,
) -> Result<Json<Page<BundleView>>, ApiError> {
    let (filter, order) = filter::narrowed(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::workspaces::list_bundles(state.context(), &user.actor, &filter, order, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::bundle).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
