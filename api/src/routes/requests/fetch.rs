//! `GET /api/v1/requests/{request_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::requests::RequestDetailView;
use domain::access::marker;
use domain::ids::RequestId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One request
///
/// With how it came to stand as it does.
#[utoipa::path(
    get,
    path = paths::REQUEST,
    tag = "requests",
    security(("session" = []), ("key" = [])),
    params(("request_id" = uuid::Uuid, Path, description = "The request.")),
    responses((status = 200, description = "The request.", body = RequestDetailView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_request(
    State(state): State<AppState>,
    user: Require<marker::RequestRead>,
    Path(id): Path<RequestId>,
) -> Result<Response, ApiError> {
    let found = services::requests::fetch_request(state.context(), &user.actor, id).await?;
    Ok((etag(found.request.version), Json(view::detail(found, user.actor.user_id))).into_response())
}
