//! AWS's events.

use contract::page::Page;
use contract::paths;
use contract::trail::{TrailCoverageView, TrailEventDetailView, TrailEventView, TrailFacetsView, TrailQuery};
use domain::ids::TrailEventId;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &TrailQuery) -> Result<Page<TrailEventView>, ApiError> {
    client::get_query(paths::TRAIL_EVENTS, query).await
}

/// One event with AWS's record of it.
pub async fn event(id: TrailEventId) -> Result<TrailEventDetailView, ApiError> {
    client::get(&paths::with_id(paths::TRAIL_EVENT, id)).await
}

/// What to filter by.
pub async fn facets(query: &TrailQuery) -> Result<TrailFacetsView, ApiError> {
    client::get_query(paths::TRAIL_FACETS, query).await
}

/// How far events are known.
pub async fn coverage() -> Result<TrailCoverageView, ApiError> {
    client::get(paths::TRAIL_COVERAGE).await
}
