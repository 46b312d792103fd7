//! `GET /api/v1/trail/events`.

use axum::extract::State;
use contract::page::Page;
use contract::paths;
use contract::trail::{TrailEventView, TrailQuery};
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// AWS's events
///
/// Who did what in the connected accounts, newest first, as CloudTrail tells it; how far back that is known is at `/trail/coverage`.
/// Needs `audit:read`, and shows what lies within its scope. Reading it is in our own log.
#[utoipa::path(
    get,
    path = paths::TRAIL_EVENTS,
    tag = "trail",
    security(("session" = []), ("key" = [])),
    params(TrailQuery),
    responses((status = 200, description = "A page of events.", body = Page<TrailEventView>), ListErrors, SignedInErrors),
)]
pub async fn list_trail_events(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Query(query): Query<TrailQuery>,
) -> Result<Json<Page<TrailEventView>>, ApiError> {
    let filter = filter::of(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::trail::list_events(state.reading(), &user.actor, &filter, page).await?;
    let names = services::trail::event_names(state.reading(), &user.actor, &page.items).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(|event| view::event(event, &names)).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
