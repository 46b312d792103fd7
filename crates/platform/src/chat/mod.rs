//! Asking a language model behind an OpenAI-compatible address: which models it has, and a conversation's answer as it is
//! written. The addresses are the operator's ([`crate::config::AiConfig`]), so that they may lead anywhere; redirects are not
//! followed. What is asked, and what of an answer may be shown, is `services::assistant`.
//!
//! Dropping a [`ChatStream`] closes the connection, which is how a server learns that nobody waits any more.

mod stream;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use stream::{ChatStream, Piece};

use crate::config::Secret;
use crate::traces::{TRACEPARENT, Trace};

/// Longest list of models that is read, bytes.
const LONGEST_LIST: usize = 1 << 20;
/// A server says within this time which models it has, or it is as good as away.
const LIST_DEADLINE: Duration = Duration::from_secs(3);

/// What can go wrong. `Display` is for logs; nothing of an answer is in it.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Nobody answers at the address, or who does has no model.
    #[error("the model can't be reached")]
    Unreachable(#[source] Option<reqwest::Error>),
    /// It has too much to do.
    #[error("the model has too much to do")]
    Busy,
    /// It took longer than the client's deadline.
    #[error("the model took too long")]
    TooSlow,
    /// It refused the request.
    #[error("the model's server answered with status {0}")]
    Refused(u16),
    /// What it answers is not what the protocol says.
    #[error("the model's server answered with what can't be read: {0}")]
    Unreadable(&'static str),
}

/// Outgoing HTTP could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("outgoing HTTP could not be set up")]
pub struct ChatSetupError(#[from] reqwest::Error);

/// A model that a server has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelCard {
    /// Its name.
    pub id: String,
    /// What it runs on, such as `cpu` or `cuda`; only our own service says it.
    #[serde(default)]
    pub device: Option<String>,
}

#[derive(Deserialize)]
struct ModelList {
    data: Vec<ModelCard>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// What they say.
    pub content: String,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChatRequest {
    /// The model's name; `None`: the only one there.
    pub model: Option<String>,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Most tokens of the answer.
    pub max_tokens: u32,
    /// The JSON schema that the answer must have.
    pub schema: Option<Value>,
    /// Whose turn it uses up, where the server is fair to several.
    pub user: Option<String>,
}

impl ChatRequest {
    fn body(&self) -> Value {
        let mut body = json!({
            "messages": self.messages,
            "max_tokens": self.max_tokens,
            "temperature": 0,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        if let Some(model) = &self.model {
            body["model"] = json!(model);
        }
        if let Some(user) = &self.user {
            body["user"] = json!(user);
        }
        if let Some(schema) = &self.schema {
            // Not as `strict`: OpenAI then refuses a schema in which anything may be left out, as in ours. Our own
            // service holds an answer to its schema either way.
            let schema = json!({ "name": "answer", "schema": schema });
            body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
        }
        body
    }
}

/// A client of one address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ChatClient {
    base: String,
    key: Option<Secret<String>>,
    http: Client,
}

impl ChatClient {
    /// A client whose requests end after `deadline`, the last word of an answer included. `url` is the server's address;
    /// without a path the protocol's own, `/v1`, is meant.
    ///
    /// # Errors
    /// [`ChatSetupError`].
    pub fn new(url: &str, key: Option<Secret<String>>, deadline: Duration) -> Result<Self, ChatSetupError> {
        let base = url.trim_end_matches('/');
        let path = base.split_once("://").map_or(base, |(_, rest)| rest).contains('/');
        let base = if path { base.to_owned() } else { format!("{base}/v1") };
        Ok(Self { base, key, http: crate::http::client(deadline)? })
    }

    /// The models that the server has.
    ///
    /// # Errors
    /// [`ChatError`].
    pub async fn models(&self) -> Result<Vec<ModelCard>, ChatError> {
        let request = self.http.get(format!("{}/models", self.base)).timeout(LIST_DEADLINE);
        let mut response = self.send(&Method::GET, request).await?;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(failed)? {
            if body.len() + part.len() > LONGEST_LIST {
                return Err(ChatError::Unreadable("a list without end"));
            }
            body.extend_from_slice(&part);
        }
        let list: ModelList = serde_json::from_slice(&body).map_err(|_| ChatError::Unreadable("no list of models"))?;
        Ok(list.data)
    }

    /// Asks; the answer comes in pieces.
    ///
    /// # Errors
    /// [`ChatError`].
    pub async fn chat(&self, request: &ChatRequest) -> Result<ChatStream, ChatError> {
        let request = self.http.post(format!("{}/chat/completions", self.base)).json(&request.body());
        Ok(ChatStream::new(self.send(&Method::POST, request).await?))
    }

    async fn send(&self, method: &Method, request: RequestBuilder) -> Result<Response, ChatError> {
        let request = match &self.key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        };
        let trace = Trace::of_call("wheelhouse-ai", method);
        let request = match trace.text() {
            Some(text) => request.header(TRACEPARENT, text),
            None => request,
        };
        let response = request.send().await.map_err(failed)?;
        trace.end_with_status(response.status().as_u16());
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::TOO_MANY_REQUESTS => Err(ChatError::Busy),
            StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => Err(ChatError::TooSlow),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY => Err(ChatError::Unreachable(None)),
            status => Err(ChatError::Refused(status.as_u16())),
        }
    }
}

/// What the HTTP client says. A connection that breaks in the middle is one that can't be reached.
fn failed(error: reqwest::Error) -> ChatError {
    // Without its address: whoever configured it may have written a secret into it.
    let error = error.without_url();
    if error.is_timeout() && !error.is_connect() {
        return ChatError::TooSlow;
    }
    ChatError::Unreachable(Some(error))
}
