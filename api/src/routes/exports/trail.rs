//! `GET /api/v1/exports/trail`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::trail::TrailQuery;
use domain::access::marker;
use services::exports::tables::TrailTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::trail::filter;
use crate::state::AppState;

/// Take CloudTrail's events along
///
/// Newest first. Needs `audit:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_TRAIL,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, TrailQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_trail(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Export { format, query }: Export<TrailQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, TrailTable { filter: filter::of(&query)? }, format).await
}
