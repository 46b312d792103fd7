//! `GET /api/v1/jobs/{job_id}`.

use axum::extract::State;
use contract::jobs::{JobDetailView, JobItemQuery, MAX_ITEM_OFFSET};
use contract::paths;
use domain::ids::JobId;
use domain::jobs::ItemOutcome;
use services::jobs::JobItemRequest;

use super::view;
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, Path, Query, closed_list, limit};
use crate::openapi::{ObjectErrors, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// One job
///
/// With its report, its attempts and the end of its log; an action's items a page at a time, where a page is asked for: then
/// with the users of the WorkSpaces that you may see, which is noted in the audit log. Needs `job:read`, unless you asked for the job
/// yourself.
#[utoipa::path(
    get,
    path = paths::JOB,
    tag = "jobs",
    security(("session" = []), ("key" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job."), JobItemQuery),
    responses(
        (status = 200, description = "The job.", body = JobDetailView),
        ObjectErrors,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_job(
    State(state): State<AppState>,
    user: Authenticated,
    Path(id): Path<JobId>,
    Query(query): Query<JobItemQuery>,
) -> Result<Json<JobDetailView>, ApiError> {
    let asked = items_asked_for(&query)?;
    let detail = services::jobs::fetch_job(state.context(), &user.actor, id).await?;
    let detail = detail.ok_or_else(|| ApiError::not_found("job"))?;
    let items = match asked.and_then(|asked| services::jobs::job_items(&user.actor, &detail, &asked)) {
        Some(items) => Some(services::jobs::name_items(state.context(), &user.actor, &detail.job, items).await?),
        None => None,
    };
    Ok(Json(view::detail(detail, items)))
}

/// The page that is asked for; `None` where none is.
fn items_asked_for(query: &JobItemQuery) -> Result<Option<JobItemRequest>, ApiError> {
    let outcomes = closed_list("outcome", query.outcome.as_deref(), ItemOutcome::ALL)?;
    let offset = query.offset.unwrap_or(0);
    if offset > MAX_ITEM_OFFSET {
        return Err(ApiError::query("offset", "out_of_range", format!("must be from 0 to {MAX_ITEM_OFFSET}")));
    }
    let request = JobItemRequest { outcomes, offset, limit: limit(query.limit)? };
    Ok((*query != JobItemQuery::default()).then_some(request))
}
