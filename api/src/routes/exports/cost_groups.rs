//! `GET /api/v1/exports/cost-groups`.

use axum::extract::State;
use axum::response::Response;
use contract::costs::CostGroupsQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::CostGroupTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::costs::ask;
use crate::routes::usage::period;
use crate::state::AppState;

/// Take costs by group along
///
/// By currency, the dearest first; months in their order. Needs `cost:read` over whole accounts; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_COST_GROUPS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, CostGroupsQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_cost_groups(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Export { format, query }: Export<CostGroupsQuery>,
) -> Result<Response, ApiError> {
    let days = period::of(query.from, query.to, state.context().env.now())?;
    let asked = ask::days(ask::place(query.account.as_deref(), query.region.as_deref())?, days);
    let (by, called) = ask::by(query.by.as_deref())?;
    answer(&state, &user.actor, CostGroupTable { asked, by, called }, format).await
}
