//! `DELETE /api/v1/budgets/{budget_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::BudgetId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{IfMatch, Path, Require};
use crate::openapi::{ChangeErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Remove a budget
///
/// What was noted of it stays in the audit log. Needs `budget:manage` over what it is for.
#[utoipa::path(
    delete,
    path = paths::BUDGET,
    tag = "budgets",
    security(("session" = []), ("key" = [])),
    params(
        ("budget_id" = uuid::Uuid, Path, description = "The budget."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn delete_budget(
    State(state): State<AppState>,
    user: Require<marker::BudgetManage>,
    Path(id): Path<BudgetId>,
    condition: IfMatch,
) -> Result<StatusCode, ApiError> {
    services::budgets::delete_budget(state.context(), &user.actor, id, condition.expected()).await?;
    Ok(StatusCode::NO_CONTENT)
}
