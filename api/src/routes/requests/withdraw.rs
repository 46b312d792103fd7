//! `DELETE /api/v1/requests/{request_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::RequestId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Path, Require};
use crate::openapi::{ChangeErrors, ConflictErrors, ObjectErrors};
use crate::state::AppState;

/// Withdraw a request
///
/// One's own, while it is open. It stays in the list as withdrawn.
#[utoipa::path(
    delete,
    path = paths::REQUEST,
    tag = "requests",
    security(("session" = []), ("key" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request.")),
    responses((status = 204, description = "It is withdrawn."), ObjectErrors, ConflictErrors, ChangeErrors),
)]
pub async fn withdraw_request(
    State(state): State<AppState>,
    user: Require<marker::RequestCreate>,
    Path(id): Path<RequestId>,
) -> Result<StatusCode, ApiError> {
    services::requests::withdraw_request(state.context(), &user.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
