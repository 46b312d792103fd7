//! `GET /api/v1/exports/audit-log`.

use axum::extract::State;
use axum::response::Response;
use contract::audit::AuditQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::AuditTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::audit::filter;
use crate::state::AppState;

/// Take the audit log along
///
/// Everything that the filters leave, newest first, with the chained text and its hashes. Needs `audit:export` on everything, and
/// is itself in the log.
#[utoipa::path(
    get,
    path = paths::AUDIT_EXPORT,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, AuditQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_audit_log(
    State(state): State<AppState>,
    user: Require<marker::AuditExport>,
    Export { format, query }: Export<AuditQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, AuditTable { filter: filter::of(&query)? }, format).await
}
