//! Between the requests and the one model: a bounded, fair queue, continuous batching over a paged cache with shared
//! beginnings, cancelling, and an engine that is brought back when it breaks.
//!
//! It knows tokens and no HTTP. The model runs on a thread of its own that sleeps when there is nothing to do.
//! `queue` says who is next, `batch` what a step computes, `pages` what lies where, `sequence` what becomes of one
//! request, `output` what text its tokens are, `supervisor` how the engine lives. Draining is done before it: the server takes no
//! more requests, waits for those it has, ends this shortly before it would cut them off, and stops it. To change an order
//! of service, see `queue` (before) and `batch` (within).

mod batch;
pub mod metrics;
mod output;
pub mod pages;
pub mod queue;
pub mod request;
mod sequence;
mod shared;
mod supervisor;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use metrics::Metrics;
pub use request::{Answer, Event, Failure, Finish, Refused, Request, TokenInfo, Usage};
use shared::Shared;
pub use shared::{Ready, State};

use crate::engine::Model;
use crate::prompt::Language;

/// A model in memory and its tokens.
pub struct Loaded {
    /// The model.
    pub model: Box<dyn Model>,
    /// Its tokens.
    pub language: Arc<dyn Language>,
}

/// Brings a model into memory; asked again when the engine broke. The error is a sentence for people.
pub type Loader = Arc<dyn Fn() -> Result<Loaded, String> + Send + Sync>;

/// How the scheduler behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulerOptions {
    /// Requests that may wait.
    pub queue: usize,
    /// Requests that run together.
    pub slots: usize,
    /// After a model could not be loaded, it is tried again after so long; twice as long each further time.
    pub retry: Duration,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self { queue: 64, slots: 16, retry: Duration::from_secs(10) }
    }
}

/// The scheduler. When it is dropped, the engine ends after its step.
pub struct Scheduler {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Scheduler {
    /// Starts the engine's thread, which loads the model.
    ///
    /// # Errors
    /// The thread can't be started.
    pub fn start(load: Loader, options: SchedulerOptions) -> std::io::Result<Self> {
        let metrics = Arc::new(Metrics::new());
        let shared = Arc::new(Shared::new(options.queue, options.slots, metrics));
        let engine = shared.clone();
        let run = move || supervisor::run(&engine, &load, options.slots, options.retry);
        let thread = std::thread::Builder::new().name("ai-engine".to_owned()).spawn(run)?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// What the engine is doing.
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// The figures.
    pub fn metrics(&self) -> &Metrics {
        self.shared.metrics()
    }

    /// Asks for an answer.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn submit(&self, request: Request) -> Result<Answer, Refused> {
        self.shared.submit(request)
    }

    /// Seconds after which it is worth asking again.
    pub fn retry_after(&self) -> u64 {
        let waiting = self.metrics().waiting.get();
        self.shared.retry_after(usize::try_from(waiting).unwrap_or(usize::MAX))
    }

    /// Ends the engine after its step; what runs or waits fails. Does not wait for it.
    pub fn end(&self) {
        self.shared.stop();
    }

    /// [`Self::end`]; blocks until then.
    pub fn stop(&self) {
        self.end();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the engine's thread broke");
        }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.shared.stop();
    }
}
