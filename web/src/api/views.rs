//! Saved views.

use contract::page::{MAX_LIMIT, Page};
use contract::paths;
use contract::views::{CreateViewRequest, SavedView, UpdateViewRequest, ViewQuery};
use domain::ids::ViewId;
use domain::views::ViewPage;

use super::{ApiError, client};

/// Pages of the list that are read at most.
const PAGES: usize = 5;

/// The views of a page, by name: one's own and those that are shared; very many are cut.
pub async fn of(page: ViewPage) -> Result<Vec<SavedView>, ApiError> {
    let mut query = ViewQuery { page: Some(page.to_string()), limit: Some(MAX_LIMIT), cursor: None };
    let mut all = Vec::new();
    for _ in 0..PAGES {
        let found: Page<SavedView> = client::get_query(paths::VIEWS, &query).await?;
        all.extend(found.items);
        query.cursor = found.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(all)
}

/// Keeps one.
pub async fn create(request: &CreateViewRequest) -> Result<SavedView, ApiError> {
    client::post(paths::VIEWS, request).await
}

/// Changes the version that was read.
pub async fn update(id: ViewId, request: &UpdateViewRequest, version: i64) -> Result<SavedView, ApiError> {
    client::patch_version(&paths::with_id(paths::VIEW, id), request, version).await
}

/// Deletes the version that was read.
pub async fn delete(id: ViewId, version: i64) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::VIEW, id), Some(version)).await
}
