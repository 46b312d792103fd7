//! `GET /api/v1/exports/quotas`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::places::QuotaQuery;
use domain::access::marker;
use services::exports::tables::QuotaTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::places::filter::narrowed_quotas;
use crate::state::AppState;

/// Take the quotas along
///
/// Filtered and sorted as in the list. Needs `workspace:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_QUOTAS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, QuotaQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_quotas(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Export { format, query }: Export<QuotaQuery>,
) -> Result<Response, ApiError> {
    let (filter, order) = narrowed_quotas(&query)?;
    answer(&state, &user.actor, QuotaTable { filter, order }, format).await
}
