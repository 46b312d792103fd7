//! `GET /api/v1/images`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::places::{ImageView, PlaceQuery};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The images
///
/// All of whole accounts and regions; otherwise those that the bundle of a WorkSpace which you see is made of.
/// Each with how many bundles and WorkSpaces you see of it. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::IMAGES,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(PlaceQuery),
    responses((status = 200, description = "A page of images.", body = Page<ImageView>), ListErrors, SignedInErrors),
)]
pub async fn list_images(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<PlaceQuery>,
) -> Result<Json<Page<ImageView>>, ApiError> {
    let (filter, order) = filter::narrowed(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::workspaces::list_images(state.context(), &user.actor, &filter, order, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::image).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
