//! `GET /api/v1/exports/budgets`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::BudgetTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the budgets along
///
/// By name, with how each stands in the running month. Needs `cost:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_BUDGETS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_budgets(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, BudgetTable, format).await
}
