//! `POST /v1/chat/completions`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;

use super::error::OpenAiError;

/// What is read of a request; OpenAI's further fields are accepted.
#[derive(Deserialize)]
pub struct ChatRequest {
    messages: Vec<ChatMessage>,
}

#[derive(Deserialize)]
struct ChatMessage {
    #[serde(rename = "role")]
    _role: Role,
    #[serde(rename = "content")]
    _content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    User,
    Assistant,
}

/// Checks the request and says that no model is loaded.
pub async fn create_chat_completion(request: Result<Json<ChatRequest>, JsonRejection>) -> OpenAiError {
    match request {
        Err(rejection) => OpenAiError::invalid(rejection.body_text()),
        Ok(Json(request)) if request.messages.is_empty() => {
            OpenAiError::invalid("messages: at least one is needed".to_owned())
        }
        Ok(_) => OpenAiError::no_model(),
    }
}
