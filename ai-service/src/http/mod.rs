//! The HTTP surface: OpenAI's paths and shapes.

mod chat;
mod error;
mod models;

use axum::Router;
use axum::routing::{get, post};

/// Every route but health.
pub fn router() -> Router {
    Router::new()
        .route("/v1/models", get(models::list_models))
        .route("/v1/chat/completions", post(chat::create_chat_completion))
        .fallback(|| async { error::OpenAiError::not_found() })
}
