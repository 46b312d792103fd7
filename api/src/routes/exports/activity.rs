//! `GET /api/v1/exports/activity`.

use axum::extract::State;
use axum::response::Response;
use contract::activity::ActivityQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::ActivityTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::activity::filter;
use crate::state::AppState;

/// Take along what happened, in AWS and here
///
/// AWS's events and our own audit log in one order, newest first. Needs `audit:read`, AWS's events are those within its scope; our own
/// log is in the file of those who have `audit:export` on everything, and left out of that of others without a word; where the filter
/// leaves our own log alone, they are refused. It is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_ACTIVITY,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, ActivityQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_activity(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Export { format, query }: Export<ActivityQuery>,
) -> Result<Response, ApiError> {
    let table = ActivityTable::of(&user.actor, filter::of(&query)?);
    answer(&state, &user.actor, table, format).await
}
