//! `GET /api/v1/activity`.

use axum::extract::State;
use contract::activity::{ActivityQuery, ActivityView};
use contract::paths;
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// What happened, in AWS and here
///
/// AWS's events and our own audit log in one order, newest first. Needs `audit:read`; AWS's events are those within its scope, our own
/// log needs it on everything: `left_out` says what the one who asks is not shown. Reading it is in our own log, as reading either is.
#[utoipa::path(
    get,
    path = paths::ACTIVITY,
    tag = "activity",
    security(("session" = []), ("key" = [])),
    params(ActivityQuery),
    responses((status = 200, description = "A page of what happened.", body = ActivityView), ListErrors, SignedInErrors),
)]
pub async fn list_activity(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<ActivityView>, ApiError> {
    let filter = filter::of(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let counted = query.count != Some(false);
    let found = services::activity::list_activity(state.context(), &user.actor, &filter, page, counted).await?;
    Ok(Json(view::activity(found)))
}
