//! What the engine's thread and those who ask it have in common: the queue, the state, the wake-up.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::unbounded_channel;

use super::batch::longest;
use super::metrics::Metrics;
use super::queue::{FairQueue, Pushed};
use super::request::{Answer, Failure, Refused, Request};
use super::sequence::Ticket;
use crate::engine::ModelInfo;
use crate::grammar::{GrammarError, Grammars};
use crate::prompt::Language;

/// Longest time a caller is told to wait before it asks again, in seconds.
const LONGEST_RETRY: f64 = 60.0;

/// A model that can be asked.
pub struct Ready {
    /// What it is.
    pub info: ModelInfo,
    /// Its tokens.
    pub language: Arc<dyn Language>,
    /// Shapes of answers in them; an error where its tokens allow none.
    pub grammars: Result<Grammars, GrammarError>,
}

impl Ready {
    /// Most tokens of a prompt and its answer.
    #[must_use]
    pub fn context(&self) -> usize {
        longest(&self.info)
    }
}

/// What the engine is doing.
#[derive(Clone)]
pub enum State {
    /// Loading the model for the first time.
    Loading,
    /// At work.
    Ready(Arc<Ready>),
    /// It broke and is loaded again; requests wait for it.
    Restarting(Arc<Ready>),
    /// The model can't be loaded: why. It is tried again.
    Failed(String),
    /// The service ended.
    Stopped,
}

pub(super) struct Shared {
    inner: Mutex<Inner>,
    wake: Condvar,
    metrics: Arc<Metrics>,
    slots: usize,
}

struct Inner {
    state: State,
    queue: FairQueue<Ticket>,
    stopping: bool,
}

impl Shared {
    pub(super) fn new(queue: usize, slots: usize, metrics: Arc<Metrics>) -> Self {
        let inner = Inner { state: State::Loading, queue: FairQueue::new(queue), stopping: false };
        Self { inner: Mutex::new(inner), wake: Condvar::new(), metrics, slots }
    }

    pub(super) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    pub(super) fn state(&self) -> State {
        self.lock().state.clone()
    }

    pub(super) fn set(&self, state: State) {
        self.metrics.ready.set(usize::from(matches!(state, State::Ready(_))));
        self.lock().state = state;
    }

    pub(super) fn submit(&self, request: Request) -> Result<Answer, Refused> {
        let mut inner = self.lock();
        if inner.stopping {
            return Err(Refused::Stopping);
        }
        let ready = match &inner.state {
            State::Ready(ready) | State::Restarting(ready) => ready,
            State::Loading => return Err(Refused::NotReady("the model is being loaded".to_owned())),
            State::Failed(why) => return Err(Refused::NotReady(why.clone())),
            State::Stopped => return Err(Refused::Stopping),
        };
        let (wanted, context) = (request.prompt.len() + request.max_tokens, longest(&ready.info));
        if wanted > context || request.prompt.is_empty() || request.max_tokens == 0 {
            return Err(Refused::TooLong { wanted, context });
        }
        let (answer, receiver) = unbounded_channel();
        let (caller, prompt) = (request.caller.clone(), request.prompt.len());
        self.metrics.cancelled.add(inner.queue.retain(Ticket::wanted));
        let displaced = match inner.queue.push(&caller, Ticket { request, answer, since: Instant::now() }) {
            Pushed::Waits => None,
            Pushed::Displaced(other) => Some(other),
            Pushed::Full(_) => {
                self.metrics.refused.add(1);
                return Err(Refused::Full { retry_after: self.retry_after(inner.queue.len()) });
            }
        };
        self.metrics.prompt.add(prompt);
        self.metrics.waiting.set(inner.queue.len());
        drop(inner);
        if let Some(displaced) = displaced {
            self.metrics.refused.add(1);
            displaced.fail(Failure::Displaced);
        }
        self.wake.notify_all();
        Ok(receiver)
    }

    /// Seconds after which a place should be free, from how long requests took so far.
    pub(super) fn retry_after(&self, waiting: usize) -> u64 {
        let seconds = self.metrics.requests.mean() * (waiting + 1) as f64 / self.slots.max(1) as f64;
        seconds.ceil().clamp(1.0, LONGEST_RETRY) as u64
    }

    /// The request whose turn it is, of those that are still wanted.
    pub(super) fn take(&self) -> Option<Ticket> {
        let mut inner = self.lock();
        let ticket = loop {
            match inner.queue.pop() {
                Some(ticket) if !ticket.wanted() => self.metrics.cancelled.add(1),
                ticket => break ticket,
            }
        };
        self.metrics.waiting.set(inner.queue.len());
        ticket
    }

    /// Waits for a request. `false`: the service ends.
    pub(super) fn wait(&self) -> bool {
        let mut inner = self.lock();
        loop {
            if inner.stopping {
                return false;
            }
            if !inner.queue.is_empty() {
                return true;
            }
            inner = self.wake.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits before the next attempt to load, or until the service ends.
    pub(super) fn pause(&self, time: Duration) {
        let ending = |inner: &mut Inner| !inner.stopping;
        drop(self.wake.wait_timeout_while(self.lock(), time, ending));
    }

    pub(super) fn fail_waiting(&self, failure: &Failure) {
        let waiting = self.lock().queue.drain();
        self.metrics.waiting.set(0);
        self.metrics.failed.add(waiting.len());
        waiting.into_iter().for_each(|ticket| ticket.fail(failure.clone()));
    }

    pub(super) fn stopping(&self) -> bool {
        self.lock().stopping
    }

    /// Ends after the step that is being made.
    pub(super) fn stop(&self) {
        self.lock().stopping = true;
        self.wake.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
