//! `POST /api/v1/accounts`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::accounts::{AccountView, CreateAccountRequest};
use contract::paths;
use domain::access::marker;
use http::StatusCode;
use http::header::LOCATION;
use services::accounts::NewAccount;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors};
use crate::state::AppState;

/// Connect an account
///
/// Nothing is asked of AWS yet: test the connection or sync it next. Needs `account:write`.
#[utoipa::path(
    post,
    path = paths::ACCOUNTS,
    tag = "accounts",
    security(("session" = [])),
    request_body = CreateAccountRequest,
    responses(
        (status = 201, description = "The account; `Location` is its address.", body = AccountView),
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn create_account(
    State(state): State<AppState>,
    user: Require<marker::AccountWrite>,
    Json(request): Json<CreateAccountRequest>,
) -> Result<Response, ApiError> {
    let new = NewAccount {
        name: request.name,
        regions: request.regions,
        credentials: request.credentials,
        role_arn: request.role_arn,
        external_id: request.external_id,
        endpoint_url: request.endpoint_url,
    };
    let account = services::accounts::create_account(state.context(), &user.actor, new).await?;
    let view = view::account(account);
    let location = paths::with_id(paths::ACCOUNT, view.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(view)).into_response())
}
