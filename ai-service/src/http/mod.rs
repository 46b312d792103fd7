//! The HTTP surface: OpenAI's paths and shapes.
//!
//! Handlers read a request into a `scheduler::Request` and write its events as OpenAI's objects; they decide nothing about
//! the order of service. To add an endpoint: a file here, its line in [`router`].

mod answer;
mod body;
mod chat;
mod completions;
mod error;
mod fields;
mod frames;
mod models;
mod prepare;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use platform::unread::{self, PassOver};
use tokio::sync::Semaphore;

use crate::AiOptions;
use crate::scheduler::{Ready, Scheduler, State as EngineState};
use error::OpenAiError;

/// Most bytes of a request.
const MOST_BYTES: usize = 4 << 20;
/// Requests that are prepared (cut into tokens, their shape compiled) at the same time.
const PREPARED_TOGETHER: usize = 4;

/// What every handler has.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    scheduler: Option<Scheduler>,
    options: AiOptions,
    started: i64,
    preparing: Semaphore,
}

impl Service {
    /// Over this scheduler, or without a model.
    pub fn new(scheduler: Option<Scheduler>, options: AiOptions) -> Self {
        let started = (options.now)();
        Self(Arc::new(Inner { scheduler, options, started, preparing: Semaphore::new(PREPARED_TOGETHER) }))
    }

    /// The scheduler, where there is a model.
    pub fn scheduler(&self) -> Option<&Scheduler> {
        self.0.scheduler.as_ref()
    }

    /// Why nothing can be asked at the moment, where that is so.
    ///
    /// # Errors
    /// A sentence.
    pub fn trouble(&self) -> Result<(), String> {
        match self.scheduler().map(Scheduler::state) {
            None => Err("no model is loaded".to_owned()),
            Some(EngineState::Ready(_)) => Ok(()),
            Some(EngineState::Loading) => Err("the model is being loaded".to_owned()),
            Some(EngineState::Restarting(_)) => Err("the engine broke and is started again".to_owned()),
            Some(EngineState::Failed(why)) => Err(why),
            Some(EngineState::Stopped) => Err("the engine has stopped".to_owned()),
        }
    }

    fn ready(&self) -> Result<Arc<Ready>, OpenAiError> {
        let Some(scheduler) = self.scheduler() else { return Err(OpenAiError::no_model()) };
        match scheduler.state() {
            EngineState::Ready(ready) | EngineState::Restarting(ready) => Ok(ready),
            EngineState::Loading => Err(OpenAiError::not_ready("the model is being loaded")),
            EngineState::Failed(why) => Err(OpenAiError::not_ready(&why)),
            EngineState::Stopped => Err(OpenAiError::not_ready("the service is stopping")),
        }
    }

    fn started(&self) -> i64 {
        self.0.started
    }

    fn now(&self) -> i64 {
        (self.0.options.now)()
    }

    fn deadline(&self) -> Duration {
        self.0.options.deadline
    }

    /// A number that nobody can foresee.
    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        (self.0.options.random)(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// Every route but health and metrics.
pub fn router(service: Service) -> Router {
    Router::new()
        .route("/v1/models", get(models::list_models))
        .route("/v1/models/{*name}", get(models::fetch_model))
        .route("/v1/chat/completions", post(chat::create_chat_completion))
        .route("/v1/completions", post(completions::create_completion))
        .route("/v1/embeddings", post(create_embedding))
        .method_not_allowed_fallback(|| async { OpenAiError::method() })
        .fallback(|| async { OpenAiError::not_found() })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state(PassOver::above(MOST_BYTES), unread::middleware))
        .with_state(service)
}

/// `POST /v1/embeddings`: says that there are none.
async fn create_embedding() -> OpenAiError {
    OpenAiError::no_embeddings()
}
