//! `GET /api/v1/usage/summary`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsagePreviousView, UsageSummaryQuery, UsageSummaryView};
use domain::access::marker;
use domain::usage::Comparison;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, closed_value};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Usage in all
///
/// Over some UTC days, of the WorkSpaces that the filters leave, gone ones with the days on which they were there; beside it as
/// many earlier days, those before unless `compare` says others. Needs `usage:read`.
#[utoipa::path(
    get,
    path = paths::USAGE_SUMMARY,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageSummaryQuery),
    responses((status = 200, description = "The sums.", body = UsageSummaryView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_usage_summary(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageSummaryQuery>,
) -> Result<Json<UsageSummaryView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let compare = closed_value("compare", query.compare.as_deref(), Comparison::ALL)?.unwrap_or(Comparison::Previous);
    let found = services::usage::summarize_usage(state.reading(), &user.actor, &asked, compare).await?;
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
