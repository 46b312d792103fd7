//! `GET /api/v1/exports/cost-estimates`.

use axum::extract::State;
use axum::response::Response;
use contract::costs::CostEstimatesQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::CostEstimateTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::costs::estimates;
use crate::state::AppState;

/// Take the month's estimate by group along
///
/// By currency, the dearest first, a row for each currency of a group, with the month before and the difference. Needs `cost:read` and `usage:read`; by team `user:read` over everything too; it
/// is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_COST_ESTIMATES,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, CostEstimatesQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_cost_estimates(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Export { format, query }: Export<CostEstimatesQuery>,
) -> Result<Response, ApiError> {
    let (month, filter, by) = estimates::asked(&state, query.month, query.by.as_deref(), query.account, query.region)?;
    answer(&state, &user.actor, CostEstimateTable { month, filter, by }, format).await
}
