//! `GET /api/v1/usage/heat-map`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsageHeatMapQuery, UsageHeatMapView};
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Usage by hour of the week
///
/// On how many days of how many WorkSpaces somebody was connected in each hour of each weekday, on the clock of a time zone. Needs
/// `usage:read`.
#[utoipa::path(
    get,
    path = paths::USAGE_HEAT_MAP,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageHeatMapQuery),
    responses((status = 200, description = "Seven weekdays of 24 hours.", body = UsageHeatMapView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_usage_heat_map(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageHeatMapQuery>,
) -> Result<Json<UsageHeatMapView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let zone = ask::zone(query.zone.as_deref())?;
    let found = services::usage::usage_by_hour(state.reading(), &user.actor, &asked, zone).await?;
    let (weekdays, zone) = (view::weekdays(&found), zone.name().to_owned());
    Ok(Json(UsageHeatMapView { weekdays, zone, period: view::period(&asked, found.stand) }))
}
