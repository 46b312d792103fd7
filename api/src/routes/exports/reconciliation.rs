//! `GET /api/v1/exports/reconciliation`.

use axum::extract::State;
use axum::response::Response;
use contract::costs::ReconciliationQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use domain::usage::Month;
use services::exports::tables::ReconciliationTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{AbsentErrors, ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::costs::ask;
use crate::state::AppState;

/// Take along why a bill is another than our estimate
///
/// Of one account's month: each part of the difference by usage type. They add up to it. Needs `cost:read` over the whole account; it
/// is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_RECONCILIATION,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, ReconciliationQuery),
    responses(
        AbsentErrors,
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_reconciliation(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Export { format, query }: Export<ReconciliationQuery>,
) -> Result<Response, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running.previous(), running)?;
    answer(&state, &user.actor, ReconciliationTable { account: query.account, month }, format).await
}
