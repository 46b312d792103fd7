//! `GET /api/v1/exports/costs`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::{CostExportQuery, ExportQuery};
use contract::paths;
use domain::access::marker;
use domain::ids::AccountId;
use services::cost::CostQuestion;
use services::exports::tables::CostTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require, parsed_list, text_list};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::usage::period;
use crate::state::AppState;

/// Take costs along
///
/// What was billed, by account, day, region and usage type. Needs `cost:read` over whole accounts; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_COSTS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, CostExportQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_costs(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Export { format, query }: Export<CostExportQuery>,
) -> Result<Response, ApiError> {
    let (from, to) = (query.from, query.to);
    period::check(from, to)?;
    let accounts = parsed_list::<AccountId>("account", query.account.as_deref(), "an account id")?;
    let regions = text_list("region", query.region.as_deref())?;
    answer(&state, &user.actor, CostTable { asked: CostQuestion { accounts, regions, from, to } }, format).await
}
