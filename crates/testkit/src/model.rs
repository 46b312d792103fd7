//! A language model's service that says whatever a test wants: OpenAI's `/v1/models` and streamed `/v1/chat/completions` over
//! real HTTP, without a model. For who phrases answers and for what happens when they can't; what a real model says is
//! `ai-service`'s own tests'.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Tokens of each prompt and of each answer, as the service tells them.
pub const TOKENS: (u64, u64) = (70, 30);
/// Longest wait for anything that is certain to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the service does when it is asked.
#[derive(Debug, Clone)]
pub enum Says {
    /// It says this, cut into small pieces.
    Text(String),
    /// It writes this plan where a schema holds it to one, and says this of facts.
    Planned {
        /// The plan, or what is none.
        plan: String,
        /// What it says.
        text: String,
    },
    /// It refuses what has a schema with this status, and says this of facts.
    Planless {
        /// The status.
        status: u16,
        /// What it says.
        text: String,
    },
    /// It says this and then nothing more, and does not end.
    Stuck(String),
    /// It refuses with this status.
    Status(u16),
    /// It answers with what is no answer.
    Garbage,
}

struct Inner {
    url: String,
    device: &'static str,
    says: Mutex<Says>,
    asked: Mutex<Vec<Value>>,
    /// Answers whose reader went away before their end.
    cut: AtomicU64,
}

/// A running service.
#[derive(Clone)]
pub struct Model(Arc<Inner>);

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("url", &self.0.url).finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts an answer that nobody heard to its end.
struct Heard {
    model: Model,
    whole: bool,
}

impl Heard {
    /// The end of an answer, or none.
    async fn until(mut self, ends: bool) -> String {
        if !ends {
            std::future::pending::<()>().await;
        }
        self.whole = true;
        String::new()
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        if !self.whole {
            self.model.0.cut.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Model {
    /// Starts one that runs on such a device; it ends with the test.
    ///
    /// # Errors
    /// Loopback has no port.
    pub async fn start(device: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (says, asked) = (Mutex::new(Says::Text(String::new())), Mutex::default());
        let model = Self(Arc::new(Inner { url, device, says, asked, cut: AtomicU64::new(0) }));
        let router = Router::new()
            .route("/v1/models", get(models))
            .route("/v1/chat/completions", post(chat))
            .with_state(model.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(model)
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// What it says from now on.
    pub fn says(&self, says: Says) {
        *locked(&self.0.says) = says;
    }

    /// The bodies of what it was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Value> {
        locked(&self.0.asked).clone()
    }

    /// Waits until so many answers were cut off by their reader.
    ///
    /// # Errors
    /// They were not.
    pub async fn until_cut(&self, answers: u64) -> Result<()> {
        let give_up = tokio::time::Instant::now() + PATIENCE;
        while self.0.cut.load(Ordering::SeqCst) < answers {
            if tokio::time::Instant::now() > give_up {
                bail!("no reader went away");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

fn refusal(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT).into_response()
}

async fn models(State(model): State<Model>) -> Json<Value> {
    Json(json!({ "object": "list", "data": [{ "id": "scripted", "object": "model", "device": model.0.device }] }))
}

async fn chat(State(model): State<Model>, Json(body): Json<Value>) -> Response {
    let planned = body.get("response_format").is_some();
    locked(&model.0.asked).push(body);
    let says = locked(&model.0.says).clone();
    let (text, ends) = match says {
        Says::Text(text) => (text, true),
        Says::Planless { status, .. } if planned => return refusal(status),
        Says::Planless { text, .. } => (text, true),
        Says::Planned { plan, text } => (if planned { plan } else { text }, true),
        Says::Stuck(text) => (text, false),
        Says::Garbage => return "data: {nonsense\n\n".into_response(),
        Says::Status(status) => return refusal(status),
    };
    let letters: Vec<char> = text.chars().collect();
    let piece = |text: &[char]| {
        let text: String = text.iter().collect();
        format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }))
    };
    let mut lines: Vec<String> = letters.chunks(3).map(piece).collect();
    if ends {
        let usage = json!({ "prompt_tokens": TOKENS.0, "completion_tokens": TOKENS.1 });
        lines.push(format!("data: {}\n\n", json!({ "choices": [], "usage": usage })));
        lines.push("data: [DONE]\n\n".to_owned());
    }
    let heard = Heard { model, whole: false };
    let said = stream::iter(lines).chain(stream::once(heard.until(ends)));
    let frames = said.map(Ok::<_, Infallible>);
    ([("content-type", "text/event-stream")], Body::from_stream(frames)).into_response()
}
