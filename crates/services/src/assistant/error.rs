//! What can go wrong with conversations and answers.

use domain::access::Forbidden;
use store::StoreError;

use super::tools::ToolError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum AssistantError {
    /// There is no such conversation or turn of that person.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It has another version than the one the change was meant for.
    #[error("somebody changed it meanwhile")]
    Changed,
    /// The question is being answered.
    #[error("this question is being answered already; wait for it")]
    Answering,
    /// The question has no answer yet.
    #[error("this question has no answer yet")]
    NotAnswered,
    /// Whoever answered it took too long, and somebody else does now.
    #[error("the answer took too long, and is made elsewhere now")]
    TakenOver,
    /// The conversation is as long as one can be.
    #[error("this conversation has {0} questions, which is as many as it can have; begin a new one")]
    Full(u64),
    /// As many questions of that person are being answered as can be at a time.
    #[error("{0} of your questions are being answered; wait for one of them")]
    TooMany(u64),
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// What was asked for could not be looked up.
    #[error("it could not be looked up")]
    Tool(#[from] ToolError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
