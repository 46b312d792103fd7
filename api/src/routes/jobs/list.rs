//! `GET /api/v1/jobs`.

use axum::extract::State;
use contract::jobs::{JobQuery, JobView};
use contract::page::Page;
use contract::paths;
use domain::access::marker;
use domain::jobs::JobState;
use services::jobs::JobFilter;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_list, page_request, text_list};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The jobs
///
/// Newest first. Needs `job:read`.
#[utoipa::path(
    get,
    path = paths::JOBS,
    tag = "jobs",
    security(("session" = []), ("key" = [])),
    params(JobQuery),
    responses((status = 200, description = "A page of jobs.", body = Page<JobView>), ListErrors, SignedInErrors),
)]
pub async fn list_jobs(
    State(state): State<AppState>,
    user: Require<marker::JobRead>,
    Query(query): Query<JobQuery>,
) -> Result<Json<Page<JobView>>, ApiError> {
    let filter = JobFilter {
        states: closed_list("state", query.state.as_deref(), JobState::ALL)?,
        kinds: text_list("kind", query.kind.as_deref())?,
    };
    let page = page_request(query.limit, query.cursor)?;
    let page = services::jobs::list_jobs(state.context(), &user.actor, &filter, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::job).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
