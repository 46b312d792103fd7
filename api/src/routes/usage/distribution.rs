//! `GET /api/v1/usage/distribution`.

use axum::extract::State;
use contract::paths;
use contract::usage::{UsageDistributionQuery, UsageDistributionView};
use domain::access::marker;

use super::{ask, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// How many were connected for how long
///
/// WorkSpaces by their hours over the days, in at most twelve bins. Needs `usage:read`.
#[utoipa::path(
    get,
    path = paths::USAGE_DISTRIBUTION,
    tag = "usage",
    security(("session" = []), ("key" = [])),
    params(UsageDistributionQuery),
    responses((status = 200, description = "The bins.", body = UsageDistributionView), QueryErrors, SignedInErrors),
)]
pub async fn fetch_usage_distribution(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Query(query): Query<UsageDistributionQuery>,
) -> Result<Json<UsageDistributionView>, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let found = services::usage::distribute_usage(state.reading(), &user.actor, &asked).await?;
    Ok(Json(UsageDistributionView {
        unused: found.unused,
        bins: found.bins.into_iter().map(view::bin).collect(),
        period: view::period(&asked, found.stand),
    }))
}
