//! `GET /api/v1/usage/daily`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsageDaysQuery, UsageDaysView};
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Usage by day, told apart
///
/// By what `by` says: the longest connected groups by themselves, all others together. One row for each UTC day. Needs `usage:read`;
/// by team `user:read` too. Somebody in two teams counts in both.
#[utoipa::path(
    get,
    path = paths::USAGE_DAILY,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageDaysQuery),
    responses((status = 200, description = "The days.", body = UsageDaysView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_daily_usage(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageDaysQuery>,
) -> Result<Json<UsageDaysView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let by = ask::day_group("by", query.by.as_deref())?;
    let found = services::usage::usage_days_by(state.reading(), &user.actor, &asked, &by).await?;
    Ok(Json(UsageDaysView {
        by: query.by.unwrap_or_else(|| ask::USUAL.to_owned()),
        groups: found.groups.into_iter().map(view::group).collect(),
        other_groups: found.others,
        days: found.days.into_iter().map(view::day_groups).collect(),
        period: view::period(&asked, found.stand),
    }))
}
