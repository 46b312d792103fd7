//! `GET /api/v1/costs/daily`.

use axum::extract::State;
use contract::costs::{CostDaysQuery, CostDaysView};
use contract::paths;
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::routes::usage::period;
use crate::state::AppState;

/// Costs by day
///
/// Told apart by what `by` says: the dearest groups by themselves, all others together. Needs `cost:read`.
#[utoipa::path(
    get,
    path = paths::COSTS_DAILY,
    tag = "costs",
    security(("session" = []), ("key" = [])),
    params(CostDaysQuery),
    responses((status = 200, description = "The days.", body = CostDaysView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_daily_costs(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Query(query): Query<CostDaysQuery>,
) -> Result<Json<CostDaysView>, ApiError> {
    let (from, to) = period::of(query.from, query.to, state.context().env.now())?;
    let asked = ask::days(ask::place(query.account.as_deref(), query.region.as_deref())?, (from, to));
    let (by, name) = ask::by(query.by.as_deref())?;
    let found = services::cost::cost_days_by(state.reading(), &user.actor, &asked, &by).await?;
    Ok(Json(CostDaysView { from, to, by: name, currencies: view::days(found)? }))
}
