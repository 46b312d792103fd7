//! `GET /api/v1/workspaces`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::workspaces::{WorkspaceQuery, WorkspaceView};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The WorkSpaces
///
/// Filtered, sorted and in pages. Where a filter takes several values they are separated by commas and any of them
/// matches. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::WORKSPACES,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(WorkspaceQuery),
    responses(
        (status = 200, description = "A page of WorkSpaces.", body = Page<WorkspaceView>),
        ListErrors,
        SignedInErrors,
    ),
)]
pub async fn list_workspaces(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<WorkspaceQuery>,
) -> Result<Json<Page<WorkspaceView>>, ApiError> {
    let request = filter::list_request(query)?;
    let page = services::workspaces::list_workspaces(state.context(), &user.actor, &request).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::workspace).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
