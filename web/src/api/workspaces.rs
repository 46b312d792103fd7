//! WorkSpaces: list, facets, detail, actions.

use contract::costs::WorkspaceAdviceView;
use contract::page::{MAX_LIMIT, Page, PageQuery};
use contract::paths;
use contract::places::{BundleView, DirectoryView, ImageView, QuotaQuery, QuotaView};
use contract::workspace_changes::{GrowVolumeRequest, SetComputeTypeRequest, SetRunningModeRequest, SetTagsRequest};
use contract::workspaces::{
    TagKeyView, WorkspaceActionRequest, WorkspaceActionView, WorkspaceDetailView, WorkspaceFacetsView,
    WorkspaceIdsView, WorkspaceQuery, WorkspaceView,
};
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceOrder;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &WorkspaceQuery) -> Result<Page<WorkspaceView>, ApiError> {
    client::get_query(paths::WORKSPACES, query).await
}

/// The values to filter by.
pub async fn facets() -> Result<WorkspaceFacetsView, ApiError> {
    client::get(paths::WORKSPACE_FACETS).await
}

/// One page of the directories. What its address has beside the filters of this list is refused by the API, by name.
pub async fn directories(query: &QuotaQuery) -> Result<Page<DirectoryView>, ApiError> {
    client::get_query(paths::DIRECTORIES, query).await
}

/// One page of the bundles; the query as that of [`directories`].
pub async fn bundles(query: &QuotaQuery) -> Result<Page<BundleView>, ApiError> {
    client::get_query(paths::BUNDLES, query).await
}

/// One page of the images; the query as that of [`directories`].
pub async fn images(query: &QuotaQuery) -> Result<Page<ImageView>, ApiError> {
    client::get_query(paths::IMAGES, query).await
}

/// One page of the quotas.
pub async fn quotas(query: &QuotaQuery) -> Result<Page<QuotaView>, ApiError> {
    client::get_query(paths::QUOTAS, query).await
}

/// The keys of tags that there are: the first 200, by name.
pub async fn tag_keys() -> Result<Page<TagKeyView>, ApiError> {
    client::get_query(paths::WORKSPACE_TAG_KEYS, &PageQuery { limit: Some(MAX_LIMIT), cursor: None }).await
}

/// Which ones match.
pub async fn ids(query: &WorkspaceQuery) -> Result<WorkspaceIdsView, ApiError> {
    client::get_query(paths::WORKSPACE_IDS, query).await
}

/// One WorkSpace in full.
pub async fn detail(id: WorkspaceId) -> Result<WorkspaceDetailView, ApiError> {
    client::get(&paths::with_id(paths::WORKSPACE, id)).await
}

/// What is recommended for one.
pub async fn advice(id: WorkspaceId) -> Result<WorkspaceAdviceView, ApiError> {
    client::get(&paths::with_id(paths::WORKSPACE_ADVICE, id)).await
}

/// Has an order carried out, or tells what it would do (`dry_run`).
pub async fn act(
    order: &WorkspaceOrder,
    workspace_ids: Vec<WorkspaceId>,
    dry_run: bool,
) -> Result<WorkspaceActionView, ApiError> {
    let path = match order {
        WorkspaceOrder::Start => paths::WORKSPACES_START,
        WorkspaceOrder::Stop => paths::WORKSPACES_STOP,
        WorkspaceOrder::Reboot => paths::WORKSPACES_REBOOT,
        WorkspaceOrder::Rebuild => paths::WORKSPACES_REBUILD,
        WorkspaceOrder::Restore => paths::WORKSPACES_RESTORE,
        WorkspaceOrder::Terminate => paths::WORKSPACES_TERMINATE,
        WorkspaceOrder::SetRunningMode { running_mode, auto_stop_minutes } => {
            let (running_mode, auto_stop_minutes) = (running_mode.clone(), *auto_stop_minutes);
            let body = SetRunningModeRequest { workspace_ids, dry_run, running_mode, auto_stop_minutes };
            return client::post(paths::WORKSPACES_RUNNING_MODE, &body).await;
        }
        WorkspaceOrder::SetComputeType { compute_type } => {
            let body = SetComputeTypeRequest { workspace_ids, dry_run, compute_type: compute_type.clone() };
            return client::post(paths::WORKSPACES_COMPUTE_TYPE, &body).await;
        }
        WorkspaceOrder::GrowVolume { volume, gib } => {
            let body = GrowVolumeRequest { workspace_ids, dry_run, volume: *volume, gib: *gib };
            return client::post(paths::WORKSPACES_VOLUME, &body).await;
        }
        WorkspaceOrder::SetTags { set, remove } => {
            let (set, remove) = (set.clone(), remove.iter().cloned().collect());
            let body = SetTagsRequest { workspace_ids, dry_run, set, remove };
            return client::post(paths::WORKSPACES_TAGS, &body).await;
        }
    };
    client::post(path, &WorkspaceActionRequest { workspace_ids, dry_run }).await
}
