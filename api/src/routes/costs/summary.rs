//! `GET /api/v1/costs/summary`.

use axum::extract::State;
use contract::costs::{CostQuery, CostSummaryView};
use contract::paths;
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// The running month at a glance
///
/// What it has come to, what it will, what the last one was; and how far costs are known. AWS bills whole accounts: of an account
/// that is yours in part only nothing is counted. Needs `cost:read`.
#[utoipa::path(
    get,
    path = paths::COSTS_SUMMARY,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(CostQuery),
    responses((status = 200, description = "The month.", body = CostSummaryView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_cost_summary(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<CostQuery>,
) -> Result<Json<CostSummaryView>, ApiError> {
    let asked = ask::place(query.account.as_deref(), query.region.as_deref())?;
    Ok(Json(view::summary(services::cost::summarize_costs(state.reading(), &user.actor, &asked).await?)))
}
