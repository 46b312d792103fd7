//! `GET /api/v1/workspaces/facets`.

use axum::extract::State;
use contract::paths;
use contract::workspaces::{WorkspaceFacetsView, WorkspaceQuery};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// The values to filter by
///
/// With how many WorkSpaces have each. Takes the list's filters; `sort`, `limit` and `cursor` mean nothing here. Needs
/// `workspace:read`.
#[utoipa::path(
    get,
    path = paths::WORKSPACE_FACETS,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(WorkspaceQuery),
    responses(
        (status = 200, description = "The values with their counts.", body = WorkspaceFacetsView),
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn list_workspace_facets(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Query(query): Query<WorkspaceQuery>,
) -> Result<Json<WorkspaceFacetsView>, ApiError> {
    let request = filter::list_request(query)?;
    let facets = services::workspaces::workspace_facets(state.context(), &user.actor, &request.filter).await?;
    Ok(Json(view::facets(facets)))
}
