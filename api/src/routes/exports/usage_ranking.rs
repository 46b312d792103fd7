//! `GET /api/v1/exports/usage-ranking`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::usage::UsageRankingQuery;
use domain::access::marker;
use services::exports::tables::UsageRankingTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::usage::ask;
use crate::routes::usage::ranking::direction;
use crate::state::AppState;

/// Take the ranking of WorkSpaces by usage along
///
/// Those that were connected at all, longest or shortest first. Needs `usage:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_USAGE_RANKING,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, UsageRankingQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_usage_ranking(
    State(state): State<AppState>,
    user: Require<marker::UsageRead>,
    Export { format, query }: Export<UsageRankingQuery>,
) -> Result<Response, ApiError> {
    let asked = ask::question(&state, query.from, query.to, query.team.as_deref(), query.workspaces())?;
    let direction = direction(query.order.as_deref())?;
    answer(&state, &user.actor, UsageRankingTable { asked, direction }, format).await
}
