//! The assistant: conversations, answers as they are phrased, who can speak, how often each level did.

use contract::assistant::{
    AnswerEvent, AskRequest, AssistantStatsView, AssistantView, ConversationDetailView, ConversationView,
    CreateConversationRequest, RateRequest, RenameConversationRequest, Thumb, TurnView,
};
use contract::page::{Page, PageQuery};
use contract::paths;
use domain::ids::{ConversationId, TurnId};
use serde::Deserialize;
use web_sys::AbortSignal;

use super::{ApiError, client};

/// Who can speak, what is worth asking, tokens of this month.
pub async fn status() -> Result<AssistantView, ApiError> {
    client::get(paths::ASSISTANT).await
}

/// How often each level spoke or failed in the last so many days.
pub async fn stats(days: u32) -> Result<AssistantStatsView, ApiError> {
    client::get_query(paths::ASSISTANT_STATS, &[("days", days)]).await
}

/// One page of one's own conversations, newest first.
pub async fn conversations(query: &PageQuery) -> Result<Page<ConversationView>, ApiError> {
    client::get_query(paths::CONVERSATIONS, query).await
}

/// One of them with a page of its turns: the newest, or those before a cursor.
pub async fn conversation(id: ConversationId, query: &PageQuery) -> Result<ConversationDetailView, ApiError> {
    client::get_query(&paths::with_id(paths::CONVERSATION, id), query).await
}

/// Begins one.
pub async fn begin() -> Result<ConversationView, ApiError> {
    client::post(paths::CONVERSATIONS, &CreateConversationRequest::default()).await
}

/// Renames the version that was read.
pub async fn rename(id: ConversationId, title: String, version: i64) -> Result<ConversationView, ApiError> {
    let request = RenameConversationRequest { title };
    client::patch_version(&paths::with_id(paths::CONVERSATION, id), &request, version).await
}

/// Deletes one with all that was asked in it.
pub async fn delete(id: ConversationId) -> Result<(), ApiError> {
    client::delete(&paths::with_id(paths::CONVERSATION, id)).await
}

/// Asks something; the answer is fetched by [`answer`].
pub async fn ask(id: ConversationId, question: String) -> Result<TurnView, ApiError> {
    client::post(&paths::with_id(paths::CONVERSATION_TURNS, id), &AskRequest { question }).await
}

/// Has a question answered: `tell` hears of the answer as it is phrased. Aborting it puts the question back.
pub async fn answer(id: TurnId, signal: &AbortSignal, mut tell: impl FnMut(AnswerEvent)) -> Result<(), ApiError> {
    client::post_stream(&paths::with_id(paths::TURN_ANSWER, id), signal, |data| {
        // What a newer server says that this page does not know is left out; the kept turn comes with the last event.
        if let Ok(event) = client::parse(data).and_then(AnswerEvent::deserialize) {
            tell(event);
        }
    })
    .await
}

/// Thumbs an answer, or takes the thumb back.
pub async fn rate(id: TurnId, thumb: Option<Thumb>) -> Result<TurnView, ApiError> {
    client::patch(&paths::with_id(paths::TURN, id), &RateRequest { thumb }).await
}

/// Forgets an answer, so that the question can be answered anew.
pub async fn retry(id: TurnId) -> Result<TurnView, ApiError> {
    client::post_empty(&paths::with_id(paths::TURN_RETRY, id)).await
}
