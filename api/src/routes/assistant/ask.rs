//! `POST /api/v1/assistant/conversations/{conversation_id}/turns`.

use axum::extract::State;
use axum::response::Response;
use contract::assistant::{AskRequest, TurnView};
use contract::paths;
use domain::access::marker;
use domain::ids::ConversationId;
use http::StatusCode;
use services::assistant::{Turn, ask_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, Path, Require, json_answer};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, ObjectErrors, OnceErrors};
use crate::state::AppState;

/// Ask something
///
/// Keeps the question. Its answer is made when it is fetched: `POST /api/v1/assistant/turns/{turn_id}/answer`.
#[utoipa::path(
    post,
    path = paths::CONVERSATION_TURNS,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(("conversation_id" = uuid::Uuid, Path, description = "The conversation.")),
    request_body = AskRequest,
    responses(
        (status = 201, description = "The question.", body = TurnView),
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn ask_question(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    Path(id): Path<ConversationId>,
    once: Once,
    Json(request): Json<AskRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let asked = ask_once(state.context(), &user.actor, id, &request.question, once.keep(answer)).await;
    once.end(asked, answer).await
}

fn answer(asked: &Turn) -> Answer {
    json_answer(StatusCode::CREATED, &view::turn(asked.clone()))
}
