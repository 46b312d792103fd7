//! OpenAI's error shape, so that its clients read our refusals.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal: `{"error": {"message", "type", "code"}}`.
pub struct OpenAiError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Body<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    r#type: &'a str,
    code: &'a str,
}

impl OpenAiError {
    /// There is no model to answer with.
    pub fn no_model() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            kind: "server_error",
            code: "model_not_loaded",
            message: "no model is loaded; this installation answers from written templates".to_owned(),
        }
    }

    /// The request is not of OpenAI's shape.
    pub fn invalid(message: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: "invalid_request_error", code: "invalid_request", message }
    }

    /// No such path.
    pub fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            kind: "invalid_request_error",
            code: "not_found",
            message: "there is no such path; see /v1/models and /v1/chat/completions".to_owned(),
        }
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        let inner = Inner { message: &self.message, r#type: self.kind, code: self.code };
        (self.status, Json(Body { error: inner })).into_response()
    }
}
