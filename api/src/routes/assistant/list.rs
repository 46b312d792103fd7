//! `GET /api/v1/assistant/conversations`.

use axum::extract::State;
use contract::assistant::ConversationView;
use contract::page::{Page, PageQuery};
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// Your conversations
///
/// The one used last first. Nobody sees another's.
#[utoipa::path(
    get,
    path = paths::CONVERSATIONS,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of conversations.", body = Page<ConversationView>),
        ListErrors,
        SignedInErrors,
    ),
)]
pub async fn list_conversations(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ConversationView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let page = services::assistant::list_conversations(state.context(), &user.actor, page).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(view::conversation).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}
