//! `POST /api/v1/requests`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::requests::{CreateRequestRequest, RequestDetailView};
use domain::access::marker;
use http::StatusCode;
use services::idempotency::Answer;
use services::requests::{RequestDetail, Wish, create_request_once};

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, Require, etag, json_answer};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, OnceErrors};
use crate::state::AppState;

/// Ask for something
///
/// For a new desktop, another bundle or a rebuild of one's own, or anything else. Those who run the fleet see it.
#[utoipa::path(
    post,
    path = paths::REQUESTS,
    tag = "requests",
    security(("session" = []), ("key" = [])),
    request_body = CreateRequestRequest,
    responses(
        (status = 201, description = "The request; `Location` is its address.", body = RequestDetailView),
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_request(
    State(state): State<AppState>,
    user: Require<marker::RequestCreate>,
    once: Once,
    Json(request): Json<CreateRequestRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let CreateRequestRequest { kind, workspace_id, bundle, note } = request;
    let bundle = bundle.map(|bundle| bundle.trim().to_owned()).filter(|bundle| !bundle.is_empty());
    let wish = Wish { kind, workspace_id, bundle, note: note.trim().to_owned() };
    let made = create_request_once(state.context(), &user.actor, &wish, once.keep(answer)).await;
    once.end(made, answer).await
}

fn answer(made: &RequestDetail) -> Answer {
    let location = paths::with_id(paths::REQUEST, made.request.id);
    let answer = json_answer(StatusCode::CREATED, &view::detail(made.clone(), Some(made.request.user_id)));
    answer.header("location", location).header("etag", etag(made.request.version).text())
}
