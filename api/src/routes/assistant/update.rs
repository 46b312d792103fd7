//! `PATCH /api/v1/assistant/conversations/{conversation_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::assistant::{ConversationView, RenameConversationRequest};
use contract::paths;
use domain::access::marker;
use domain::ids::ConversationId;

use super::view;
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, Require, etag};
use crate::openapi::{BodyErrors, ChangeErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Rename one of your conversations
#[utoipa::path(
    patch,
    path = paths::CONVERSATION,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(
        ("conversation_id" = uuid::Uuid, Path, description = "The conversation."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = RenameConversationRequest,
    responses(
        (status = 200, description = "The conversation as it is now.", body = ConversationView),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
    ),
)]
pub async fn update_conversation(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    Path(id): Path<ConversationId>,
    condition: IfMatch,
    Json(request): Json<RenameConversationRequest>,
) -> Result<Response, ApiError> {
    let (expected, title) = (condition.expected(), request.title.as_str());
    let renamed = services::assistant::rename_conversation(state.context(), &user.actor, id, expected, title).await?;
    Ok((etag(renamed.version), Json(view::conversation(renamed))).into_response())
}
