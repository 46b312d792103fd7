//! `POST /api/v1/budgets`.

use axum::extract::State;
use axum::response::Response;
use contract::budgets::{BudgetView, CreateBudgetRequest};
use contract::paths;
use domain::access::marker;
use http::StatusCode;
use services::budgets::{BudgetState, create_budget_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, Require, etag, json_answer};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, OnceErrors};
use crate::state::AppState;

/// Make a budget
///
/// A crossed threshold is noted once a month, after bills were read. For one account it needs `budget:manage` over that account,
/// for everything else over everything.
#[utoipa::path(
    post,
    path = paths::BUDGETS,
    tag = "budgets",
    security(("session" = []), ("key" = [])),
    request_body = CreateBudgetRequest,
    responses(
        (status = 201, description = "The budget; `Location` is its address.", body = BudgetView),
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_budget(
    State(state): State<AppState>,
    user: Require<marker::BudgetManage>,
    once: Once,
    Json(request): Json<CreateBudgetRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let made = match view::new_budget(request) {
        Ok(new) => create_budget_once(state.context(), &user.actor, new, once.keep(answer)).await.map_err(Into::into),
        Err(refused) => Err(refused),
    };
    once.end::<_, ApiError>(made, answer).await
}

fn answer(made: &BudgetState) -> Answer {
    let location = paths::with_id(paths::BUDGET, made.budget.id);
    let answer = json_answer(StatusCode::CREATED, &view::budget(made.clone()));
    answer.header("location", location).header("etag", etag(made.budget.version).text())
}
