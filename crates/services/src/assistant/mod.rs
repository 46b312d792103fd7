//! The assistant: conversations, and answers that state only what was found out.
//!
//! `planner` and `domain::assistant::rules` decide what is looked up, `tools` look it up as whoever asks, `levels` knows who
//! can phrase it and leaves a model elsewhere alone that fails again and again, `answer` leads one question through all of
//! that, `compose` lets only checked sentences out. `quota` counts tokens, `stats` who spoke and who failed. A model is asked for words only: what it says beyond the facts is not shown, and
//! without one the written sentences of the facts are the answer.
//! To add a tool: see `tools`. To add a level: a variant of [`domain::assistant::Level`] and its rung in `levels`.

mod answer;
mod compose;
mod conversations;
mod error;
mod levels;
pub mod planner;
mod prompt;
mod quota;
mod stats;
mod status;
#[cfg(test)]
mod tests;
pub mod tools;

pub use answer::{Answer, Answering, Step, begin_answer};
pub use conversations::{
    ConversationDetail, ask_once, create_conversation_once, delete_conversation, fetch_conversation,
    list_conversations, rate, rename_conversation, retry,
};
pub use error::AssistantError;
pub use levels::Assistant;
pub use quota::Quota;
pub use stats::{AssistantStats, LevelStats, fetch_stats};
pub use status::{AssistantStatus, LevelStatus, fetch_status};
pub use store::repo::assistant::{ConversationRecord as Conversation, PassedOver, TurnRecord as Turn, TurnState};
