//! `GET /api/v1/assistant/stats`.

use axum::extract::State;
use contract::assistant::{AssistantStatsQuery, AssistantStatsView, STATS_DAYS, STATS_DAYS_MAX};
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// How often each level spoke or failed
///
/// Counted by day; nothing of what was asked, and by whom, is in it. Needs `system:read` over everything.
#[utoipa::path(
    get,
    path = paths::ASSISTANT_STATS,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(AssistantStatsQuery),
    responses(
        (status = 200, description = "The counts.", body = AssistantStatsView),
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_assistant_stats(
    State(state): State<AppState>,
    user: Require<marker::SystemRead>,
    Query(query): Query<AssistantStatsQuery>,
) -> Result<Json<AssistantStatsView>, ApiError> {
    let stats = services::assistant::fetch_stats(state.context(), &user.actor, counted_days(&query)?).await?;
    Ok(Json(view::stats(stats)))
}

/// How many days are counted.
///
/// # Errors
/// 400 `invalid_query`.
pub(crate) fn counted_days(query: &AssistantStatsQuery) -> Result<u32, ApiError> {
    let days = query.days.unwrap_or(STATS_DAYS);
    if !(1..=STATS_DAYS_MAX).contains(&days) {
        return Err(ApiError::query("days", "out_of_range", format!("must be 1 to {STATS_DAYS_MAX}")));
    }
    Ok(days)
}
