//! `GET /api/v1/trail/facets`.

use axum::extract::State;
use contract::paths;
use contract::trail::{TrailFacetsView, TrailQuery};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// What to filter AWS's events by
///
/// The values that the newest 20,000 events have that the filters leave, each with how many have it. What is chosen of one kind does
/// not narrow that kind. `whole` says whether those are all. Page and limit don't matter. Needs `audit:read`.
#[utoipa::path(
    get,
    path = paths::TRAIL_FACETS,
    tag = "trail",
    security(("session" = []), ("key" = [])),
    params(TrailQuery),
    responses((status = 200, description = "The values.", body = TrailFacetsView), QueryErrors, SignedInErrors),
)]
pub async fn list_trail_facets(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Query(query): Query<TrailQuery>,
) -> Result<Json<TrailFacetsView>, ApiError> {
    let filter = filter::of(&query)?;
    page_request(query.limit, None)?;
    let found = services::trail::event_facets(state.reading(), &user.actor, &filter).await?;
    Ok(Json(view::facets(found, &filter)))
}
