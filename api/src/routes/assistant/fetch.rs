//! `GET /api/v1/assistant/conversations/{conversation_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::assistant::ConversationDetailView;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use domain::ids::ConversationId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query, Require, etag, page_request};
use crate::openapi::{ListErrors, ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One of your conversations
///
/// With its newest questions and answers, oldest first; the next page has older ones.
#[utoipa::path(
    get,
    path = paths::CONVERSATION,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(("conversation_id" = uuid::Uuid, Path, description = "The conversation."), PageQuery),
    responses(
        (status = 200, description = "The conversation.", body = ConversationDetailView),
        ListErrors,
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_conversation(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    Path(id): Path<ConversationId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let detail = services::assistant::fetch_conversation(state.context(), &user.actor, id, page).await?;
    Ok((etag(detail.conversation.version), Json(view::detail(detail))).into_response())
}
