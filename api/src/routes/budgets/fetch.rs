//! `GET /api/v1/budgets/{budget_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::budgets::BudgetView;
use contract::paths;
use domain::access::marker;
use domain::ids::BudgetId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One budget
///
/// With how it stands in the running month. Needs `cost:read`.
#[utoipa::path(
    get,
    path = paths::BUDGET,
    tag = "budgets",
    security(("session" = []), ("key" = [])),
    params(("budget_id" = uuid::Uuid, Path, description = "The budget.")),
    responses(
        (status = 200, description = "The budget; `ETag` is its version.", body = BudgetView),
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_budget(
    State(state): State<AppState>,
    user: Require<marker::CostRead>,
    Path(id): Path<BudgetId>,
) -> Result<Response, ApiError> {
    let found = services::budgets::fetch_budget(state.context(), &user.actor, id).await?;
    Ok((etag(found.budget.version), Json(view::budget(found))).into_response())
}
