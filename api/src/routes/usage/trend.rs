//! `GET /api/v1/usage/trend`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsageTrendQuery, UsageTrendView};
use domain::access::marker;
use domain::usage::Comparison;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_value};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Usage by day
///
/// One row for each UTC day, also for those on which nobody was connected; with `compare` those of earlier days beside them. Needs
/// `usage:read`.
#[utoipa::path(
    get,
    path = paths::USAGE_TREND,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageTrendQuery),
    responses((status = 200, description = "The days.", body = UsageTrendView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_usage_trend(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageTrendQuery>,
) -> Result<Json<UsageTrendView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let compare = closed_value("compare", query.compare.as_deref(), Comparison::ALL)?;
    let found = services::usage::usage_by_day(state.reading(), &user.actor, &asked, compare).await?;
    Ok(Json(UsageTrendView {
        days: found.days.into_iter().map(view::day).collect(),
        previous: found.before.map(|days| days.into_iter().map(view::day).collect()),
        period: view::period(&asked, found.stand),
    }))
}
