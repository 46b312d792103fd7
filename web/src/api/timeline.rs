//! What happened to one WorkSpace.

use contract::paths;
use contract::timeline::{TimelineQuery, TimelineView};
use domain::ids::WorkspaceId;

use super::{ApiError, client};

/// A page of its timeline.
pub async fn timeline(id: WorkspaceId, query: &TimelineQuery) -> Result<TimelineView, ApiError> {
    client::get_query(&paths::with_id(paths::WORKSPACE_TIMELINE, id), query).await
}
