//! `POST /api/v1/accounts/{account_id}/sync`.

use axum::extract::State;
use axum::response::Response;
use contract::accounts::StartedJobsView;
use contract::paths;
use domain::access::marker;
use domain::ids::AccountId;
use domain::sync::SyncKind;
use services::sync::sync_now_once;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Once, Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors, OnceErrors};
use crate::state::AppState;

/// Sync now
///
/// Starts a job for each region of the account; one that waits or runs already is given instead of a second. Needs `sync:run`.
#[utoipa::path(
    post,
    path = paths::ACCOUNT_SYNC,
    tag = "accounts",
    security(("session" = []), ("key" = [])),
    params(("account_id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 202, description = "The jobs that do it.", body = StartedJobsView),
        ObjectErrors,
        ChangeErrors,
        OnceErrors,
    ),
)]
pub async fn sync_account(
    State(state): State<AppState>,
    user: Require<marker::SyncRun>,
    once: Once,
    Path(id): Path<AccountId>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &()).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let kinds = [SyncKind::Workspaces];
    let started = sync_now_once(state.context(), &user.actor, id, &kinds, once.keep(|jobs| view::started(jobs))).await;
    once.end(started, |jobs| view::started(jobs)).await
}
