//! `GET /api/v1/exports/jobs/{job_id}/items`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::ids::JobId;
use services::exports::tables::JobItemTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Authenticated, Export, Path};
use crate::openapi::{ExportedFile, ObjectErrors, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take a job's items along
///
/// What became of each WorkSpace, with its user where you may see it, so far while it runs; a job of another kind than an action has none. Needs `job:read`, unless you
/// asked for the job yourself; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_JOB_ITEMS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job."), ExportQuery),
    responses(
        ExportedFile,
        ObjectErrors,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_job_items(
    State(state): State<AppState>,
    user: Authenticated,
    Path(job): Path<JobId>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, JobItemTable { job }, format).await
}
