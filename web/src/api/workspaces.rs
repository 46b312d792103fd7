//! WorkSpaces: list, facets, detail, actions.

use contract::page::Page;
use contract::paths;
use contract::workspaces::{
    WorkspaceActionRequest, WorkspaceActionView, WorkspaceDetailView, WorkspaceFacetsView, WorkspaceIdsView,
    WorkspaceQuery, WorkspaceView,
};
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceAction;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &WorkspaceQuery) -> Result<Page<WorkspaceView>, ApiError> {
    client::get_query(paths::WORKSPACES, query).await
}

/// The values to filter by.
pub async fn facets() -> Result<WorkspaceFacetsView, ApiError> {
    client::get(paths::WORKSPACE_FACETS).await
}

/// Which ones match.
pub async fn ids(query: &WorkspaceQuery) -> Result<WorkspaceIdsView, ApiError> {
    client::get_query(paths::WORKSPACE_IDS, query).await
}

/// One WorkSpace in full.
pub async fn detail(id: WorkspaceId) -> Result<WorkspaceDetailView, ApiError> {
    client::get(&paths::with_id(paths::WORKSPACE, id)).await
}

/// Does an action, or tells what it would do (`dry_run`).
pub async fn act(
    action: WorkspaceAction,
    ids: Vec<WorkspaceId>,
    dry_run: bool,
) -> Result<WorkspaceActionView, ApiError> {
    let path = match action {
        WorkspaceAction::Start => paths::WORKSPACES_START,
        WorkspaceAction::Stop => paths::WORKSPACES_STOP,
        WorkspaceAction::Reboot => paths::WORKSPACES_REBOOT,
    };
    client::post(path, &WorkspaceActionRequest { workspace_ids: ids, dry_run }).await
}
