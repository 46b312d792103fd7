//! `POST /api/v1/accounts`.

use axum::extract::State;
use axum::response::Response;
use contract::accounts::{AccountView, CreateAccountRequest};
use contract::paths;
use domain::access::marker;
use http::StatusCode;
use services::accounts::{AccountOverview, NewAccount, create_account_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, RequireProof, json_answer};
use crate::openapi::{BodyErrors, ConflictErrors, OnceErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Connect an account
///
/// Nothing is asked of AWS yet: test the connection or sync it next. Needs `account:write` over everything, and a fresh
/// proof that it is you.
#[utoipa::path(
    post,
    path = paths::ACCOUNTS,
    tag = "accounts",
    security(("session" = [])),
    request_body = CreateAccountRequest,
    responses(
        (status = 201, description = "The account; `Location` is its address.", body = AccountView),
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_account(
    State(state): State<AppState>,
    user: RequireProof<marker::AccountWrite>,
    once: Once,
    Json(request): Json<CreateAccountRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let new = NewAccount {
        name: request.name,
        regions: request.regions,
        credentials: request.credentials,
        role_arn: request.role_arn,
        external_id: request.external_id,
        endpoint_url: request.endpoint_url,
    };
    let made = create_account_once(state.context(), &user.actor, new, once.keep(answer)).await;
    once.end(made, answer).await
}

fn answer(made: &AccountOverview) -> Answer {
    let view = view::account(made.clone());
    let location = paths::with_id(paths::ACCOUNT, view.id);
    json_answer(StatusCode::CREATED, &view).header("location", location)
}
