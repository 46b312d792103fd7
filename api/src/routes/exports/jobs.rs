//! `GET /api/v1/exports/jobs`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::jobs::JobQuery;
use contract::paths;
use domain::access::marker;
use domain::jobs::JobState;
use services::exports::tables::JobTable;
use services::jobs::JobFilter;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require, closed_list, text_list};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the jobs along
///
/// Newest first. Needs `job:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_JOBS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, JobQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_jobs(
    State(state): State<AppState>,
    user: Require<marker::JobRead>,
    Export { format, query }: Export<JobQuery>,
) -> Result<Response, ApiError> {
    let filter = JobFilter {
        states: closed_list("state", query.state.as_deref(), JobState::ALL)?,
        kinds: text_list("kind", query.kind.as_deref())?,
    };
    answer(&state, &user.actor, JobTable { filter }, format).await
}
