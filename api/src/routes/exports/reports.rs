//! `GET /api/v1/exports/reports`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::ReportTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the reports along
///
/// Newest first: those of the list, of a webhook only where it is. Needs `report:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_REPORTS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_reports(
    State(state): State<AppState>,
    user: Require<marker::ReportRead>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, ReportTable, format).await
}
