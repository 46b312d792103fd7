//! `DELETE /api/v1/assistant/conversations/{conversation_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::ConversationId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Path, Require};
use crate::openapi::{ChangeErrors, ObjectErrors};
use crate::state::AppState;

/// Remove one of your conversations
///
/// With all that was asked and answered in it.
#[utoipa::path(
    delete,
    path = paths::CONVERSATION,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(("conversation_id" = uuid::Uuid, Path, description = "The conversation.")),
    responses((status = 204, description = "It is gone."), ObjectErrors, ChangeErrors),
)]
pub async fn delete_conversation(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    Path(id): Path<ConversationId>,
) -> Result<StatusCode, ApiError> {
    services::assistant::delete_conversation(state.context(), &user.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
