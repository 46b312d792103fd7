//! `GET /api/v1/costs/forecast`.

use axum::extract::State;
use contract::costs::{CostForecastQuery, CostForecastView};
use contract::paths;
use domain::access::marker;
use domain::usage::Month;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// What a month will come to
///
/// What is final is taken as it is, each day behind it at the mean of the last four weeks of final days; the interval says how far
/// that may stray. Needs `cost:read`.
#[utoipa::path(
    get,
    path = paths::COSTS_FORECAST,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(CostForecastQuery),
    responses((status = 200, description = "The forecast.", body = CostForecastView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_cost_forecast(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<CostForecastQuery>,
) -> Result<Json<CostForecastView>, ApiError> {
    let running = Month::of(state.context().env.now());
    let month = ask::month(query.month, running, running)?;
    let asked = ask::place(query.account.as_deref(), query.region.as_deref())?;
    let (found, not_forecast) = services::cost::month_forecast(state.reading(), &user.actor, &asked, month).await?;
    let forecasts = found.into_iter().map(view::forecast).collect();
    Ok(Json(CostForecastView { month, forecasts, not_forecast }))
}
