//! `GET /api/v1/exports/workspaces`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::workspaces::WorkspaceQuery;
use domain::access::marker;
use services::exports::tables::WorkspaceTable;
use services::workspaces::WorkspaceListRequest;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::workspaces::filter::list_request;
use crate::state::AppState;

/// Take the WorkSpaces along
///
/// Those that the filters leave, with their tags, in the order asked for. Needs `workspace:read`; it is in the audit log. What
/// changes meanwhile may be in it or not. A file that could not be ended breaks the connection off.
#[utoipa::path(
    get,
    path = paths::EXPORT_WORKSPACES,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, WorkspaceQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_workspaces(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Export { format, query }: Export<WorkspaceQuery>,
) -> Result<Response, ApiError> {
    let WorkspaceListRequest { filter, sort, direction, .. } = list_request(query)?;
    answer(&state, &user.actor, WorkspaceTable { filter, sort, direction }, format).await
}
