//! `POST /api/v1/accounts/{account_id}/test`.

use axum::extract::State;
use contract::accounts::ConnectionTestView;
use contract::paths;
use domain::access::marker;
use domain::ids::AccountId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, CloudErrors, ObjectErrors};
use crate::state::AppState;

/// Test the connection
///
/// Tries each permission that a sync needs, region by region, and names those that are missing. A failed check is part of
/// the answer, not an error. Takes at most 30 seconds. Needs `account:write`.
#[utoipa::path(
    post,
    path = paths::ACCOUNT_TEST,
    tag = "accounts",
    security(("session" = []), ("key" = [])),
    params(("account_id" = uuid::Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "What was found.", body = ConnectionTestView),
        ObjectErrors,
        ChangeErrors,
        CloudErrors,
    ),
)]
pub async fn test_account(
    State(state): State<AppState>,
    user: Require<marker::AccountWrite>,
    Path(id): Path<AccountId>,
) -> Result<Json<ConnectionTestView>, ApiError> {
    let found = services::accounts::test_connection(state.context(), &user.actor, id).await?;
    Ok(Json(view::test(found)))
}
