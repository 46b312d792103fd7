//! `GET /api/v1/costs/reconciliation/accounts`.

use axum::extract::State;
use contract::costs::{ReconciledAccountsQuery, ReconciledAccountsView};
use contract::paths;
use domain::access::marker;
use domain::usage::Month;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Our estimate of a month against AWS's bills, account by account
///
/// Of each account whose costs you may read as a whole, over the days of the month whose bill is settled: what was billed, what was
/// reckoned and the difference; and in all, a sum for each currency. Why one differs tells `/costs/reconciliation`. Needs `cost:read`.
#[utoipa::path(
    get,
    path = paths::COSTS_RECONCILIATION_ACCOUNTS,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(ReconciledAccountsQuery),
    responses(
        (status = 200, description = "The comparison.", body = ReconciledAccountsView),
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_reconciled_accounts(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<ReconciledAccountsQuery>,
) -> Result<Json<ReconciledAccountsView>, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running.previous(), running)?;
    let found = services::cost::reconcile_accounts(state.reading(), &user.actor, month).await?;
    Ok(Json(view::reconciled_accounts(found)))
}
