//! `GET /api/v1/trail/events/{event_id}`.

use std::slice;

use axum::extract::State;
use contract::paths;
use contract::trail::TrailEventDetailView;
use domain::access::marker;
use domain::ids::TrailEventId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One of AWS's events
///
/// With what was asked for and answered, without secrets. Needs `audit:read`.
#[utoipa::path(
    get,
    path = paths::TRAIL_EVENT,
    tag = "trail",
    security(("session" = []), ("key" = [])),
    params(("event_id" = uuid::Uuid, Path, description = "The event (our id).")),
    responses((status = 200, description = "The event.", body = TrailEventDetailView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_trail_event(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Path(id): Path<TrailEventId>,
) -> Result<Json<TrailEventDetailView>, ApiError> {
    let found = services::trail::fetch_event(state.reading(), &user.actor, id).await?;
    let (event, record) = found.ok_or_else(|| ApiError::not_found("event"))?;
    let names = services::trail::event_names(state.reading(), &user.actor, slice::from_ref(&event)).await?;
    Ok(Json(view::detail(event, record, &names)))
}
