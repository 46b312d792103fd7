//! `GET /api/v1/workspaces/{workspace_id}/timeline`.

use axum::extract::State;
use contract::paths;
use contract::timeline::{TimelineQuery, TimelineView};
use domain::access::marker;
use domain::ids::WorkspaceId;
use domain::timeline::TimelineKind;
use services::timeline::{TimelineFilter, fetch_timeline};

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query, Require, closed_list, in_order, page_request};
use crate::openapi::{ListErrors, ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// What happened to a WorkSpace
///
/// Its states, changes of how it is set up, what was asked for here and what CloudTrail tells of it, newest first. Needs
/// `workspace:read`; what was asked for here needs `audit:read` or `job:read`, CloudTrail's events `audit:read`: `left_out` says what
/// the one who asks is not shown. Changes of the configuration are kept from when a sync first saw one. Reading it is in our own log.
#[utoipa::path(
    get,
    path = paths::WORKSPACE_TIMELINE,
    tag = "workspaces",
    security(("session" = []), ("key" = [])),
    params(("workspace_id" = uuid::Uuid, Path, description = "The WorkSpace (our id)."), TimelineQuery),
    responses(
        (status = 200, description = "A page of what happened.", body = TimelineView),
        ListErrors,
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_workspace_timeline(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Path(id): Path<WorkspaceId>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<TimelineView>, ApiError> {
    let filter = narrowed(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let found = fetch_timeline(state.context(), &user.actor, id, &filter, page).await?;
    Ok(Json(view::timeline(found)))
}

/// What the timeline is narrowed to.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn narrowed(query: &TimelineQuery) -> Result<TimelineFilter, ApiError> {
    in_order(query.from, query.to)?;
    let kinds = closed_list("kind", query.kind.as_deref(), TimelineKind::ALL)?;
    Ok(TimelineFilter { kinds, from: query.from, to: query.to })
}
