//! `GET /api/v1/exports/reconciliation-accounts`.

use axum::extract::State;
use axum::response::Response;
use contract::costs::ReconciledAccountsQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use domain::usage::Month;
use services::exports::tables::ReconciledAccountTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::costs::ask;
use crate::state::AppState;

/// Take along what each account was billed and reckoned
///
/// Of a month, by the accounts' names, a row for each currency of an account. Needs `cost:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_RECONCILIATION_ACCOUNTS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, ReconciledAccountsQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_reconciled_accounts(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Export { format, query }: Export<ReconciledAccountsQuery>,
) -> Result<Response, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running.previous(), running)?;
    answer(&state, &user.actor, ReconciledAccountTable { month }, format).await
}
