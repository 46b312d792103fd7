//! The assistant: one's conversations, and the one that is open.
//!
//! `state` is what a turn is on screen and how an answer grows (pure), `words` what is said about levels and tokens (pure),
//! `chat` the open conversation and its calls. The rest shows: `talks` the list, `welcome` what stands before the first
//! question, `turn` a question with its answer, `composer` where one asks. The answer's wording and its figures are the
//! server's: nothing here changes or adds a word.

mod chat;
mod composer;
#[cfg(test)]
mod in_browser;
mod rename;
mod state;
mod talks;
mod turn;
mod view;
mod welcome;
pub mod words;

pub use view::AssistantPage;
