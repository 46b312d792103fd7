//! What the errors of the assistant mean on the wire.

use std::time::Duration;

use contract::problem::code;
use services::assistant::AssistantError;
use services::assistant::tools::ToolError;

use crate::error::{ApiError, sentence};

/// When to come back while several answers are made.
const PAUSE: Duration = Duration::from_secs(5);

impl From<AssistantError> for ApiError {
    fn from(error: AssistantError) -> Self {
        let words = error.to_string();
        match error {
            AssistantError::NotFound(what) => Self::not_found(what),
            AssistantError::Changed => Self::precondition_failed(),
            AssistantError::Answering
            | AssistantError::NotAnswered
            | AssistantError::TakenOver
            | AssistantError::Full(_) => Self::new(code::CONFLICT, sentence(&words)),
            AssistantError::TooMany(_) => Self::new(code::RATE_LIMITED, sentence(&words)).retry_after(PAUSE),
            AssistantError::Forbidden(forbidden) => forbidden.into(),
            AssistantError::Tool(ToolError::Forbidden(forbidden)) => forbidden.into(),
            AssistantError::Tool(ToolError::Store(cause)) | AssistantError::Store(cause) => cause.into(),
            AssistantError::Tool(cause) => Self::internal(cause),
        }
    }
}
