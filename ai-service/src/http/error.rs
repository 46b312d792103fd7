//! OpenAI's error shape, so that its clients read our refusals.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::scheduler::{Failure, Refused};

/// Tells OpenAI's clients not to try again by themselves.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// A refusal: `{"error": {"message", "type", "param", "code"}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAiError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    param: Option<String>,
    message: String,
    retry_after: Option<u64>,
    again: bool,
}

impl OpenAiError {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, code, param: None, message: message.into(), retry_after: None, again: true }
    }

    /// There is no model to answer with.
    pub fn no_model() -> Self {
        let message = "no model is loaded; this installation answers from written templates";
        Self { again: false, ..Self::unavailable("model_not_loaded", message) }
    }

    /// The model is not there yet, or not any more.
    pub fn not_ready(why: &str) -> Self {
        Self { retry_after: Some(1), ..Self::unavailable("model_not_ready", why) }
    }

    /// It can't be done now.
    fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", code, message)
    }

    /// The request is not of OpenAI's shape.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", "invalid_request", message)
    }

    /// A field holds what it may not.
    pub fn field(param: &str, message: impl std::fmt::Display) -> Self {
        Self { param: Some(param.to_owned()), ..Self::invalid(format!("{param}: {message}")) }
    }

    /// A field asks for something that there is not here.
    pub fn unsupported(param: &str, message: &str) -> Self {
        Self { code: "unsupported_parameter", ..Self::field(param, message) }
    }

    /// Prompt and answer don't fit the context.
    pub fn too_long(param: &str, prompt: usize, answer: usize, context: usize) -> Self {
        let message = format!(
            "the context of this model is {context} tokens; this asks for {}, {prompt} in the prompt and {answer} for \
             the answer",
            prompt + answer
        );
        Self { code: "context_length_exceeded", param: Some(param.to_owned()), ..Self::invalid(message) }
    }

    /// The body can't be read.
    pub fn body(status: StatusCode, message: String) -> Self {
        Self::new(status, "invalid_request_error", "invalid_body", message)
    }

    /// No such path.
    pub fn not_found() -> Self {
        let message = "there is no such path; see /v1/models and /v1/chat/completions";
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "not_found", message)
    }

    /// The path is there, for other methods.
    pub fn method() -> Self {
        let message = "this path is not for this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "method_not_allowed", message)
    }

    /// No such model.
    pub fn no_such_model(asked: &str, loaded: &str) -> Self {
        let message = format!("the model {asked:?} is not here; {loaded:?} is");
        let error = Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "model_not_found", message);
        Self { param: Some("model".to_owned()), ..error }
    }

    /// Nothing here makes embeddings.
    pub fn no_embeddings() -> Self {
        let message = "this service makes no embeddings: its model writes text and has no embedding output";
        let error = Self::new(StatusCode::NOT_IMPLEMENTED, "invalid_request_error", "not_implemented", message);
        Self { again: false, ..error }
    }

    /// The answer took longer than answers may.
    pub fn deadline(seconds: u64) -> Self {
        let message = format!("the answer was not whole after {seconds} seconds and is cancelled");
        let error = Self::new(StatusCode::GATEWAY_TIMEOUT, "server_error", "deadline_exceeded", message);
        Self { again: false, ..error }
    }

    /// The engine broke under the request.
    pub fn broke() -> Self {
        Self::unavailable("engine_restarted", "the model's engine broke during this request and is started again")
    }

    /// The request could not be prepared.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "internal_error",
            "the request could not be prepared",
        )
    }

    /// What the scheduler refused. `prompt`: the tokens of its prompt.
    pub fn refused(refused: Refused, prompt: usize) -> Self {
        match refused {
            Refused::Full { retry_after } => Self::busy("the queue is full; ask again later", retry_after),
            Refused::NotReady(why) => Self::not_ready(&why),
            Refused::Stopping => Self::unavailable("stopping", "the service is stopping"),
            Refused::TooLong { wanted, context } => Self::too_long("messages", prompt, wanted - prompt, context),
        }
    }

    /// What went wrong after the scheduler had taken it.
    pub fn failed(failure: &Failure, retry_after: u64) -> Self {
        let message = failure.to_string();
        match failure {
            Failure::Displaced => Self::busy(&message, retry_after),
            Failure::Stopping => Self::unavailable("stopping", message),
            Failure::Unavailable => Self::unavailable("model_not_ready", message),
            Failure::Model(_) | Failure::Shape(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "model_failed", message)
            }
        }
    }

    fn busy(message: &str, retry_after: u64) -> Self {
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "queue_full", message);
        Self { retry_after: Some(retry_after), ..error }
    }

    /// The object that clients read.
    pub fn object(&self) -> Value {
        json!({ "error": { "message": self.message, "type": self.kind, "param": self.param, "code": self.code } })
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.object())).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if !self.again {
            response.headers_mut().insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        response
    }
}
