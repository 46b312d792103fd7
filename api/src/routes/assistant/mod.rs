//! The assistant: conversations, and answers as streams of checked sentences.

pub mod answer;
pub mod ask;
pub mod create;
pub mod delete;
mod error;
pub mod fetch;
pub mod list;
pub mod rate;
pub mod retry;
pub mod stats;
pub mod status;
pub mod update;
mod view;
