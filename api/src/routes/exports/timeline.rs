//! `GET /api/v1/exports/workspaces/{workspace_id}/timeline`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::timeline::TimelineQuery;
use domain::access::marker;
use domain::ids::WorkspaceId;
use services::exports::tables::TimelineTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Path, Require};
use crate::openapi::{ExportedFile, ObjectErrors, QueryErrors, SignedInErrors};
use crate::routes::timeline::fetch::narrowed;
use crate::state::AppState;

/// Take the timeline of a WorkSpace along
///
/// What happened to it, newest first, as far as you are shown it there; what the page says it leaves out is left out of the file without a word. Needs `workspace:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_WORKSPACE_TIMELINE,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(("workspace_id" = uuid::Uuid, Path, description = "The WorkSpace (our id)."), ExportQuery, TimelineQuery),
    responses(
        ExportedFile,
        ObjectErrors,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_workspace_timeline(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Path(workspace): Path<WorkspaceId>,
    Export { format, query }: Export<TimelineQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, TimelineTable { workspace, filter: narrowed(&query)? }, format).await
}
