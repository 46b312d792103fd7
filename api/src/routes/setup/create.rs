//! `POST /api/v1/setup`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::session::{CreateOwnerRequest, SessionView};
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, LinkErrors, OpenChangeErrors};
use crate::routes::session::{limit, view};
use crate::state::AppState;

/// Create the owner
///
/// With the token of the one-time link that Wheelhouse prints at its first start. The owner is signed in at once.
#[utoipa::path(
    post,
    path = paths::SETUP,
    tag = "setup",
    request_body = CreateOwnerRequest,
    responses(
        (status = 201, description = "The owner, signed in; the session cookie is set.", body = SessionView),
        OpenChangeErrors,
        BodyErrors,
        LinkErrors,
    ),
)]
pub async fn create_owner(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<CreateOwnerRequest>,
) -> Result<Response, ApiError> {
    limit::take_nameless(state.limiter(), client.address, "one-time-link").await?;
    let CreateOwnerRequest { token, email, password } = &request;
    let session = services::identity::create_owner(state.context(), token, email, password, client.into()).await?;
    Ok((StatusCode::CREATED, view::begun(&state, &session)).into_response())
}
