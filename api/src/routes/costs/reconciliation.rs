//! `GET /api/v1/costs/reconciliation`.

use axum::extract::State;
use contract::costs::{ReconciliationQuery, ReconciliationView};
use contract::paths;
use domain::access::marker;
use domain::usage::Month;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{AbsentErrors, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Our estimate of a month against AWS's bill
///
/// Of one account, over the days of the month whose bill is settled: what was billed, what was reckoned, and why they differ. The parts
/// add up to the difference exactly; what nothing explains is one of them. Needs `cost:read` over the whole account.
#[utoipa::path(
    get,
    path = paths::COSTS_RECONCILIATION,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(ReconciliationQuery),
    responses(
        (status = 200, description = "The comparison.", body = ReconciliationView),
        QueryErrors,
        AbsentErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_reconciliation(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<ReconciliationQuery>,
) -> Result<Json<ReconciliationView>, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running.previous(), running)?;
    let found = services::cost::reconcile_month(state.reading(), &user.actor, query.account, month).await?;
    Ok(Json(view::reconciled(found.ok_or_else(|| ApiError::not_found("account"))?)))
}
