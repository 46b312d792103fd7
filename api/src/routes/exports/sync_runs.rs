//! `GET /api/v1/exports/sync-runs`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::{ExportQuery, OfAccountQuery};
use contract::paths;
use domain::access::marker;
use services::exports::tables::SyncRunTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the sync runs along
///
/// Newest first, each with what it found. Needs `account:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_SYNC_RUNS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, OfAccountQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_sync_runs(
    State(state): State<AppState>,
    user: Require<marker::AccountRead>,
    Export { format, query }: Export<OfAccountQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, SyncRunTable { account: query.account }, format).await
}
