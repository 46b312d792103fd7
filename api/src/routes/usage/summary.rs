//! `GET /api/v1/usage/summary`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsagePreviousView, UsageQuery, UsageSummaryView};
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Usage in all
///
/// Over some UTC days, of the WorkSpaces that the filters leave, gone ones with the days on which they were there; beside it the
/// same number of days before. Needs `usage:read`.
#[utoipa::path(
    get,
    path = paths::USAGE_SUMMARY,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageQuery),
    responses((status = 200, description = "The sums.", body = UsageSummaryView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_usage_summary(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageQuery>,
) -> Result<Json<UsageSummaryView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.workspaces())?;
    let found = services::usage::summarize_usage(state.reading(), &user.actor, &asked).await?;
    Ok(Json(UsageSummaryView {
        totals: view::totals(found.totals),
        people: found.people,
        unused: found.unused,
        previous: UsagePreviousView {
            from: found.before.from,
            to: found.before.to,
            known: found.before_known,
            totals: view::totals(found.before_totals),
            people: found.before_people,
        },
        period: view::period(&asked, found.stand),
    }))
}
