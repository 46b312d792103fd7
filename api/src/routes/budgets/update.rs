//! `PATCH /api/v1/budgets/{budget_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::budgets::{BudgetView, UpdateBudgetRequest};
use contract::paths;
use domain::access::marker;
use domain::ids::BudgetId;
use services::budgets::{BudgetChange, fetch_budget, update_budget as change_budget};

use super::view;
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, Require, etag};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Change a budget
///
/// Its name, amount and thresholds. Needs `budget:manage` over what it is for, and `cost:read`.
#[utoipa::path(
    patch,
    path = paths::BUDGET,
    tag = "budgets",
    security(("session" = []), ("key" = [])),
    params(
        ("budget_id" = uuid::Uuid, Path, description = "The budget."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = UpdateBudgetRequest,
    responses(
        (status = 200, description = "The budget as it is now.", body = BudgetView),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn update_budget(
    State(state): State<AppState>,
    user: Require<marker::BudgetManage>,
    Path(id): Path<BudgetId>,
    condition: IfMatch,
    Json(request): Json<UpdateBudgetRequest>,
) -> Result<Response, ApiError> {
    let amount = match request.amount {
        None => None,
        Some(text) => {
            let budget = fetch_budget(state.context(), &user.actor, id).await?;
            Some(view::amount(&text, budget.budget.amount.currency)?)
        }
    };
    let change = BudgetChange { name: request.name, amount, thresholds: request.thresholds };
    let found = change_budget(state.context(), &user.actor, id, condition.expected(), change).await?;
    Ok((etag(found.budget.version), Json(view::budget(found))).into_response())
}
