//! `GET /api/v1/workspaces/ids`.

use axum::extract::State;
use contract::paths;
use contract::workspaces::{WorkspaceIdsView, WorkspaceQuery};
use domain::access::marker;

use super::filter;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Which WorkSpaces match
///
/// Their ids, by user name, to name in an action on all of them: at most 5,000, and how many match in all. Takes the list's
/// filters; `sort`, `limit` and `cursor` mean nothing here. Needs `workspace:read`.
#[utoipa::path(
    get,
    path = paths::WORKSPACE_IDS,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(WorkspaceQuery),
    responses(
        (status = 200, description = "The ids.", body = WorkspaceIdsView),
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn list_workspace_ids(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<WorkspaceQuery>,
) -> Result<Json<WorkspaceIdsView>, ApiError> {
    let request = filter::list_request(query)?;
    let found = services::workspaces::match_workspaces(state.context(), &user.actor, &request.filter).await?;
    Ok(Json(WorkspaceIdsView { ids: found.ids, total: found.total }))
}
