//! `POST /api/v1/accounts/{account_id}/sync`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::accounts::StartedJobsView;
use contract::paths;
use domain::access::marker;
use domain::ids::AccountId;
use domain::sync::SyncKind;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// Sync now
///
/// Starts a job for each region of the account; one that waits or runs already is given instead of a second. Needs `sync:run`.
#[utoipa::path(
    post,
    path = paths::ACCOUNT_SYNC,
    tag = "accounts",
    security(("session" = [])),
    params(("account_id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 202, description = "The jobs that do it.", body = StartedJobsView),
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn sync_account(
    State(state): State<AppState>,
    user: Require<marker::SyncRun>,
    Path(id): Path<AccountId>,
) -> Result<Response, ApiError> {
    let job_ids = services::sync::sync_now(state.context(), &user.actor, id, &[SyncKind::Workspaces]).await?;
    Ok((StatusCode::ACCEPTED, Json(StartedJobsView { job_ids })).into_response())
}
