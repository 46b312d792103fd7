//! `GET /api/v1/accounts/{account_id}`.

use axum::extract::State;
use contract::accounts::AccountView;
use contract::paths;
use domain::access::marker;
use domain::ids::AccountId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One account
///
/// With its regions and the newest sync of each. Needs `account:read`.
#[utoipa::path(
    get,
    path = paths::ACCOUNT,
    tag = "accounts",
    security(("session" = []), ("key" = [])),
    params(("account_id" = uuid::Uuid, Path, description = "The account.")),
    responses((status = 200, description = "The account.", body = AccountView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_account(
    State(state): State<AppState>,
    user: Require<marker::AccountRead>,
    Path(id): Path<AccountId>,
) -> Result<Json<AccountView>, ApiError> {
    let account = services::accounts::fetch_account(state.context(), &user.actor, id).await?;
    let account = account.ok_or_else(|| ApiError::not_found("account"))?;
    Ok(Json(view::account(account)))
}
