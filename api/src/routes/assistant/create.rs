//! `POST /api/v1/assistant/conversations`.

use axum::extract::State;
use axum::response::Response;
use contract::assistant::{ConversationView, CreateConversationRequest};
use contract::paths;
use domain::access::marker;
use http::StatusCode;
use services::assistant::{Conversation, create_conversation_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, Require, etag, json_answer};
use crate::openapi::{BodyErrors, ChangeErrors, OnceErrors};
use crate::state::AppState;

/// Begin a conversation
///
/// Without a title its first question names it.
#[utoipa::path(
    post,
    path = paths::CONVERSATIONS,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    request_body = CreateConversationRequest,
    responses(
        (status = 201, description = "The conversation; `Location` is its address.", body = ConversationView),
        ChangeErrors,
        BodyErrors,
        OnceErrors,
    ),
)]
pub async fn create_conversation(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    once: Once,
    Json(request): Json<CreateConversationRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let title = request.title.as_deref();
    let made = create_conversation_once(state.context(), &user.actor, title, once.keep(answer)).await;
    once.end(made, answer).await
}

fn answer(made: &Conversation) -> Answer {
    let location = paths::with_id(paths::CONVERSATION, made.id);
    let answer = json_answer(StatusCode::CREATED, &view::conversation(made.clone()));
    answer.header("location", location).header("etag", etag(made.version).text())
}
