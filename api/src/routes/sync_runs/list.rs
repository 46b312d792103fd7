//! `GET /api/v1/sync-runs`.

use axum::extract::State;
use contract::accounts::{SyncRunQuery, SyncRunView};
use contract::page::Page;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The sync runs
///
/// Newest first, each with its report. Needs `account:read`.
#[utoipa::path(
    get,
    path = paths::SYNC_RUNS,
    tag = "accounts",
    security(("session" = []), ("key" = [])),
    params(SyncRunQuery),
    responses((status = 200, description = "A page of runs.", body = Page<SyncRunView>), ListErrors, SignedInErrors),
)]
pub async fn list_sync_runs(
    State(state): State<AppState>,
    user: Require<marker::AccountRead>,
    Query(query): Query<SyncRunQuery>,
) -> Result<Json<Page<SyncRunView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let page = services::sync::list_sync_runs(state.context(), &user.actor, query.account, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::run).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
