//! The queue behind apalis: [`JobQueue`] is its `Persistence`, [`JobBackend`] the backend a worker is built with.
//!
//! Where apalis-core 1.0's `Persisted` and our promises part, we keep the promises:
//! - `Persisted` is no `Backend` by itself; [`JobBackend`] makes it one, and polls it again after an empty fetch, which
//!   `Persisted` would leave asleep until its next heartbeat.
//! - `Persisted` gives no heartbeat while a fetch waits or fetched jobs are buffered, and ends the worker at the first error of
//!   the database. So the heartbeats are a task of the queue's own, `fetch_next` never fails, and it claims no more
//!   than can run at once.
//! - Its `TaskPersistLayer` knows results and errors, not "again at this moment" or "hand back", and its events wait
//!   for the fetch in progress. So runners end a job with [`JobQueue::finish`], which batches by itself, and no layer is installed.

use std::task::{Context, Poll};
use std::time::Duration;

use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::persistence::{Persisted, Persistence, State, TaskEvent};
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::task::Task;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::task_id::TaskId;
use apalis_core::worker::context::WorkerContext;
use tower::layer::util::Identity;

use super::model::{ClaimedJob, Finish, NewJob};
use super::runtime::{JobQueue, QueueOptions};
use super::{enqueue_many, finish_many};
use crate::error::StoreError;

impl Persistence for JobQueue {
    type Compact = ClaimedJob;
    type Response = ();
    type Error = StoreError;

    async fn register(&mut self, worker: &WorkerContext) -> Result<(), StoreError> {
        tracing::info!(worker = self.worker(), name = worker.name(), capacity = self.capacity(), "worker starts");
        Ok(())
    }

    /// The queue gives its own (see the module's page).
    async fn heartbeat(&mut self, _worker: &WorkerContext) -> Result<(), StoreError> {
        Ok(())
    }

    async fn fetch_next(&mut self, _worker: &WorkerContext) -> Result<Vec<Task<ClaimedJob>>, StoreError> {
        let jobs = self.next().await;
        Ok(jobs
            .into_iter()
            .map(|job| {
                let attempt = usize::try_from(job.lease.failed_attempts).unwrap_or(0);
                let id = TaskId::String(job.id().to_string());
                TaskBuilder::new(job).task_id(id).attempt(attempt).build()
            })
            .collect())
    }

    /// Jobs that were fetched and not begun when the worker stopped.
    async fn reenqueue_abandoned(
        &mut self,
        tasks: Vec<Task<ClaimedJob>>,
        _worker: &WorkerContext,
    ) -> Result<u64, StoreError> {
        let ends: Vec<_> = tasks.into_iter().map(|task| (task.args.lease.clone(), Finish::HandBack)).collect();
        ends.iter().for_each(|(lease, _)| self.let_go(lease));
        let ended = finish_many(self.db(), self.env(), &ends).await?;
        Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
    }

    /// No layer is installed that would send any (see the module's page).
    async fn handle_events(&mut self, _: Vec<TaskEvent<()>>, _: &WorkerContext) -> Result<(), StoreError> {
        Ok(())
    }

    /// For code that has apalis's sink and nothing else; ours enqueues in the transaction of its change.
    async fn push_tasks(&mut self, tasks: Vec<Task<ClaimedJob>>) -> Result<(), StoreError> {
        let jobs = tasks.iter().map(|task| {
            let job = &task.args;
            NewJob::new(job.kind.clone(), job.subject.clone(), job.payload.clone())
        });
        let (db, env, jobs) = (self.db().clone(), self.env().clone(), jobs.collect());
        let tx = db.begin().await?;
        enqueue_many(&tx, &env, jobs).await?;
        tx.commit().await
    }
}

/// What an apalis worker is built with: `WorkerBuilder::new(name).backend(queue.backend())`.
#[derive(Debug, Clone)]
pub struct JobBackend {
    persisted: Persisted<JobQueue>,
    options: QueueOptions,
}

impl JobQueue {
    /// The backend for an apalis worker.
    #[must_use]
    pub fn backend(&self) -> JobBackend {
        JobBackend { persisted: Persisted::new(self.clone()), options: self.options().clone() }
    }
}

impl Backend for JobBackend {
    type Task = Task<ClaimedJob>;
    type Error = StoreError;

    fn poll_ready(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), StoreError>> {
        // Persisted's own heartbeat does nothing: seldom is enough.
        self.persisted.poll_ready(cx, worker, Duration::from_secs(60))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Task<ClaimedJob>, StoreError>>> {
        let polled = self.persisted.poll_next(cx, worker);
        if polled.is_pending() && matches!(self.persisted.state(), State::Ready) {
            // An empty fetch has waited its time already.
            cx.waker().wake_by_ref();
        }
        polled
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), StoreError>> {
        self.persisted.poll_close(cx, worker)
    }
}

impl BackendConfig for JobBackend {
    type Args = ClaimedJob;
    type Id = String;
    type Kind = Ephemeral;
    type Config = QueueOptions;
    type Layer = Identity;

    fn config(&self) -> &QueueOptions {
        &self.options
    }

    fn middleware(&mut self, _worker: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
