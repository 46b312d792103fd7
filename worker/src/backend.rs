//! The queue as apalis sees it: `Persisted<JobQueue>` made into a `Backend`, with what the runtime leaves open.
//!
//! - **Waking**: an idle backend waits for the queue's wake-up, and looks by itself every poll period.
//! - **A database that goes away**: apalis would end the worker at the first failed fetch. Here the error is logged and
//!   the queue is tried again after a pause, for as long as it takes.
//! - **Closing**: a fetch that is under way when the worker stops is finished, and what it claimed is given back, so that
//!   no job waits for the reaper.
//!
//! Not how a job is run (`service.rs`) nor how jobs are claimed (`store::queue`).

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use apalis_core::backend::persistence::{Persisted, Persistence, State};
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::task::Task;
use apalis_core::worker::context::WorkerContext;
use tower::layer::util::Identity;

/// First pause after the database failed; doubled up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What makes an idle backend look again: must resolve after a wake-up that came since it was made.
pub(crate) trait WakeSource: Send + 'static {
    /// Waits for a wake-up, at most `poll`.
    fn wait(&self, poll: Duration) -> Waiting;
}

/// The queue as a source of apalis tasks.
pub(crate) struct JobBackend<P: Persistence, W> {
    queue: P,
    inner: Persisted<P>,
    wake: W,
    poll: Duration,
    heartbeat: Duration,
    /// Made before each fetch, so that a wake-up during the fetch is not missed.
    idle: Option<Waiting>,
    /// Set while the database is given time to come back.
    pause: Option<Waiting>,
    next_pause: Duration,
}

impl<P, W> JobBackend<P, W>
where
    P: Persistence,
    P::Compact: Send + 'static,
    P::Response: Send,
    P::Error: Send + Sync + 'static,
    W: WakeSource,
{
    pub(crate) fn new(queue: P, wake: W, poll: Duration, heartbeat: Duration) -> Self {
        let inner = Persisted::new(queue.clone());
        Self { queue, inner, wake, poll, heartbeat, idle: None, pause: None, next_pause: FIRST_PAUSE }
    }

    /// Begins anew after a pause: a `Persisted` that failed once is dead for good.
    fn recover(&mut self, error: &P::Error) {
        tracing::warn!(error = error as &dyn std::error::Error, "the job queue can't be reached; trying again");
        self.inner = Persisted::new(self.queue.clone());
        self.idle = None;
        self.pause = Some(Box::pin(tokio::time::sleep(self.next_pause)));
        self.next_pause = (self.next_pause * 2).min(LONGEST_PAUSE);
    }
}

impl<P, W> Backend for JobBackend<P, W>
where
    P: Persistence,
    P::Compact: Send + 'static,
    P::Response: Send,
    P::Error: Send + Sync + 'static,
    W: WakeSource,
{
    type Task = Task<P::Compact>;
    type Error = P::Error;

    fn poll_ready(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), Self::Error>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match ready!(self.inner.poll_ready(cx, worker, self.heartbeat)) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(error) => self.recover(&error),
            }
        }
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        loop {
            if matches!(self.inner.state(), State::Ready) {
                match &mut self.idle {
                    // The last fetch found nothing: wait.
                    Some(idle) => {
                        ready!(idle.as_mut().poll(cx));
                        self.idle = None;
                    }
                    None => self.idle = Some(self.wake.wait(self.poll)),
                }
                if self.idle.is_none() {
                    continue;
                }
            }
            match self.inner.poll_next(cx, worker) {
                Poll::Ready(Some(Ok(task))) => {
                    self.next_pause = FIRST_PAUSE;
                    // There may be more: look again at once.
                    self.idle = None;
                    return Poll::Ready(Some(Ok(task)));
                }
                Poll::Ready(Some(Err(error))) => {
                    self.recover(&error);
                    ready!(self.poll_ready(cx, worker))?;
                }
                // Never for a queue: it would end the worker.
                Poll::Ready(None) => {
                    self.inner = Persisted::new(self.queue.clone());
                    ready!(self.poll_ready(cx, worker))?;
                }
                Poll::Pending if matches!(self.inner.state(), State::Ready) => {
                    self.next_pause = FIRST_PAUSE;
                    // Found nothing. The waiting was begun before the fetch; poll it now, so that it wakes us.
                    if let Some(idle) = &mut self.idle {
                        ready!(idle.as_mut().poll(cx));
                        self.idle = None;
                    }
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), Self::Error>> {
        if matches!(self.inner.state(), State::Fetch(_)) {
            match self.inner.poll_next(cx, worker) {
                Poll::Ready(Some(Ok(task))) => {
                    let state = self.inner.state_mut();
                    let mut back = match std::mem::replace(state, State::Ready) {
                        State::Buffered(rest) => rest,
                        _ => VecDeque::new(),
                    };
                    back.push_front(task);
                    *state = State::Buffered(back);
                }
                Poll::Ready(Some(Err(error))) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the last fetch failed");
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending if matches!(self.inner.state(), State::Fetch(_)) => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        match ready!(self.inner.poll_close(cx, worker)) {
            Ok(()) => {}
            Err(error) => {
                // Whatever could not be given back is taken over as an orphan.
                tracing::warn!(error = &error as &dyn std::error::Error, "claimed jobs could not be given back");
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<P, W> BackendConfig for JobBackend<P, W>
where
    P: Persistence,
    P::Compact: Send + 'static,
    P::Response: Send,
    P::Error: Send + Sync + 'static,
    W: WakeSource,
{
    type Args = P::Compact;
    type Id = uuid::Uuid;
    type Kind = ();
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &Self::Config {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        Identity::new()
    }
}
