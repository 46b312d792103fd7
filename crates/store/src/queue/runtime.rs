//! The queue of one worker process: claims within its capacity, ends taken down in batches. [`JobQueue`] is what runners use,
//! [`super::JobBackend`] what apalis polls; the signs of life of what it holds are in [`super::beat`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::env::Env;
use domain::ids::{AccountId, JobId};
use domain::jobs::{JobProgress, LogLevel};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

use super::claim::claim_beside;
use super::model::{ClaimedJob, Finish, Finished, Lease};
use super::stop::{StopReason, StopSignal};
use super::wake::QueueWake;
use super::{beat, control, finish_many};
use crate::db::Db;
use crate::error::StoreError;

/// Ends that are taken down in one transaction at most.
const FINISH_BATCH: usize = 256;
/// How long an end is tried while the database is away, before its runner hears of it.
const FINISH_PATIENCE: Duration = Duration::from_secs(30);

/// How a worker process uses the queue.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// The worker's name: unique for each process ever started, such as host, process id and a random part.
    pub worker: String,
    /// The jobs it runs; empty for all.
    pub kinds: Vec<String>,
    /// Jobs it runs at a time.
    pub capacity: usize,
    /// How long it waits before it looks without having been nudged.
    pub poll_interval: Duration,
    /// How often it says that it lives.
    pub heartbeat_interval: Duration,
}

impl QueueOptions {
    /// The usual: looks at least once a second, heartbeat every 2 s.
    #[must_use]
    pub fn new(worker: impl Into<String>, kinds: Vec<String>, capacity: usize) -> Self {
        Self {
            worker: worker.into(),
            kinds,
            capacity: capacity.max(1),
            poll_interval: Duration::from_secs(1),
            heartbeat_interval: Duration::from_secs(2),
        }
    }
}

pub(super) struct Held {
    pub(super) lease: Lease,
    account: Option<AccountId>,
    pub(super) stop: watch::Sender<Option<StopReason>>,
}

type End = (Lease, Finish, oneshot::Sender<Result<Finished, StoreError>>);

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) env: Env,
    pub(super) options: QueueOptions,
    held: Mutex<HashMap<JobId, Held>>,
    /// A job left: there is room for another.
    room: Notify,
    stopping: AtomicBool,
    ends: mpsc::Sender<End>,
}

impl Inner {
    pub(super) fn held(&self) -> MutexGuard<'_, HashMap<JobId, Held>> {
        // A panic elsewhere leaves the map whole: each change is one call.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets that claim; a later one of the same job stays held.
    fn let_go(&self, lease: &Lease) {
        let mut held = self.held();
        if held.get(&lease.id).is_some_and(|held| held.lease.claim == lease.claim) {
            held.remove(&lease.id);
        }
        drop(held);
        self.room.notify_one();
    }
}

/// The queue of one worker process. Cheap to clone.
#[derive(Clone)]
pub struct JobQueue {
    inner: Arc<Inner>,
    wake: QueueWake,
}

impl std::fmt::Debug for JobQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobQueue").field("options", &self.inner.options).finish_non_exhaustive()
    }
}

impl JobQueue {
    /// Starts the heartbeats, the taking down of ends and the listening; they end when the last clone goes. Call it within
    /// a tokio runtime.
    #[must_use]
    pub fn start(db: Db, env: Env, options: QueueOptions) -> Self {
        let wake = QueueWake::start(&db);
        let (ends, incoming) = mpsc::channel(1024);
        let inner = Arc::new(Inner {
            db,
            env,
            options,
            held: Mutex::default(),
            room: Notify::new(),
            stopping: AtomicBool::new(false),
            ends,
        });
        tokio::spawn(take_down(Arc::downgrade(&inner), incoming));
        tokio::spawn(beat::beat(Arc::downgrade(&inner), wake.clone()));
        Self { inner, wake }
    }

    /// The worker's name.
    #[must_use]
    pub fn worker(&self) -> &str {
        &self.inner.options.worker
    }

    /// Jobs it runs at a time.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.inner.options.capacity
    }

    /// The database behind it.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// How many jobs it holds now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.inner.held().len()
    }

    /// The signal that tells the run of that claim to stop; already given when the claim is not held.
    #[must_use]
    pub fn stop_signal(&self, lease: &Lease) -> StopSignal {
        match self.inner.held().get(&lease.id).filter(|held| held.lease.claim == lease.claim) {
            Some(held) => StopSignal(held.stop.subscribe()),
            None => StopSignal(watch::channel(Some(StopReason::Lost)).1),
        }
    }

    /// Claims no more from now on. What it holds goes on.
    pub fn stop_claiming(&self) {
        self.inner.stopping.store(true, Ordering::SeqCst);
        self.inner.room.notify_one();
    }

    /// Tells every run to stop for the shutdown.
    pub fn stop_runs(&self) {
        for held in self.inner.held().values() {
            held.stop.send_if_modified(|reason| {
                let first = reason.is_none();
                *reason = reason.or(Some(StopReason::Shutdown));
                first
            });
        }
    }

    /// Hands back whatever is still held: the last step of a shutdown. Gives how many.
    ///
    /// # Errors
    /// [`StoreError`]; the reaper of another worker rescues them then.
    pub async fn hand_back_rest(&self) -> Result<usize, StoreError> {
        let rest: Vec<_> = self.inner.held().drain().map(|(_, held)| (held.lease, Finish::HandBack)).collect();
        finish_many(&self.inner.db, &self.inner.env, &rest).await?;
        Ok(rest.len())
    }

    /// Takes down how a run ended, together with others that end at the same time. Waits out a database that is away for a
    /// while.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be taken down: the job will be taken for an orphan and run again.
    pub async fn finish(&self, lease: &Lease, finish: Finish) -> Result<Finished, StoreError> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| StoreError::Unavailable { source: None };
        let sent = self.inner.ends.send((lease.clone(), finish, answer)).await;
        match sent {
            Ok(()) => answered.await.map_err(gone)?,
            Err(_) => Err(StoreError::Unavailable { source: None }),
        }
    }

    pub(super) fn let_go(&self, lease: &Lease) {
        self.inner.let_go(lease);
    }

    /// Says how far a job is; `false` when it is no longer this worker's. The caller sees to it that it is not said too often.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn progress(&self, lease: &Lease, progress: &JobProgress) -> Result<bool, StoreError> {
        control::progress(&self.inner.db, lease, progress, self.now()).await
    }

    /// Adds a line to a job's log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(&self, id: JobId, level: LogLevel, message: &str) -> Result<(), StoreError> {
        control::log(&self.inner.db, id, level, message, self.now()).await
    }

    /// Saves where a next attempt goes on; `false` when the job is no longer this worker's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checkpoint_set(&self, lease: &Lease, value: &serde_json::Value) -> Result<bool, StoreError> {
        control::checkpoint_set(&self.inner.db, lease, value).await
    }

    /// What an earlier attempt saved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checkpoint_get(&self, id: JobId) -> Result<Option<serde_json::Value>, StoreError> {
        control::checkpoint_get(&self.inner.db, id).await
    }

    pub(super) fn options(&self) -> &QueueOptions {
        &self.inner.options
    }

    pub(super) fn env(&self) -> &Env {
        &self.inner.env
    }

    fn now(&self) -> DateTime<Utc> {
        self.inner.env.now()
    }

    /// The next jobs, within the capacity; none after the poll interval or when claiming has stopped. Never fails: while
    /// the database is away there is nothing to do.
    pub async fn next(&mut self) -> Vec<ClaimedJob> {
        let options = self.inner.options.clone();
        let until = Instant::now() + options.poll_interval;
        loop {
            if self.inner.stopping.load(Ordering::SeqCst) {
                tokio::time::sleep_until(until).await;
                return Vec::new();
            }
            let room = options.capacity.saturating_sub(self.held());
            let (share, full) = self.share();
            self.wake.mark_jobs();
            if room > 0 {
                let (db, kinds) = (&self.inner.db, &options.kinds);
                match claim_beside(db, &options.worker, kinds, room.min(share), self.now(), &full).await {
                    Ok(jobs) if jobs.is_empty() => {}
                    Ok(jobs) => {
                        self.hold(&jobs);
                        return jobs;
                    }
                    Err(error) => {
                        log_trouble(&error, "jobs could not be claimed");
                        tokio::time::sleep(Duration::from_millis(250)).await;
                    }
                }
            }
            let woken = async {
                // A job that ends makes room, or gives its account a share again.
                match (room > 0, full.is_empty()) {
                    (true, true) => self.wake.jobs().await,
                    (true, false) => tokio::select! {
                        () = self.wake.jobs() => {}
                        () = self.inner.room.notified() => {}
                    },
                    (false, _) => self.inner.room.notified().await,
                }
            };
            if tokio::time::timeout_at(until, woken).await.is_err() {
                return Vec::new();
            }
        }
    }

    /// How many jobs may be claimed together, and which accounts have their share: one place is always kept for the others, so
    /// that an account whose AWS is slow holds nobody up.
    fn share(&self) -> (usize, Vec<AccountId>) {
        let most = self.inner.options.capacity.saturating_sub(1).max(1);
        let mut held = HashMap::<AccountId, usize>::new();
        for account in self.inner.held().values().filter_map(|held| held.account) {
            *held.entry(account).or_default() += 1;
        }
        // Whoever has the most gets no more than its share even if all that is claimed is its.
        let below = held.values().filter(|count| **count < most).max().copied().unwrap_or(0);
        (most - below, held.into_iter().filter(|(_, count)| *count >= most).map(|(account, _)| account).collect())
    }

    fn hold(&self, jobs: &[ClaimedJob]) {
        let mut held = self.inner.held();
        for job in jobs {
            let claim = Held { lease: job.lease.clone(), account: job.account_id, stop: watch::Sender::default() };
            // A job that was rescued from this very worker and came back to it: the run before has lost it.
            if let Some(before) = held.insert(job.id(), claim) {
                before.stop.send_replace(Some(StopReason::Lost));
            }
        }
    }
}

pub(super) fn log_trouble(error: &StoreError, what: &str) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::warn!(%error, cause, "{what}");
}

/// Takes down ends until the queue goes.
async fn take_down(inner: Weak<Inner>, mut incoming: mpsc::Receiver<End>) {
    let mut batch: Vec<End> = Vec::with_capacity(FINISH_BATCH);
    while incoming.recv_many(&mut batch, FINISH_BATCH).await > 0 {
        let Some(inner) = inner.upgrade() else { return };
        let (ends, answers): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|(lease, finish, answer)| ((lease, finish), answer)).unzip();
        let until = Instant::now() + FINISH_PATIENCE;
        let result = loop {
            match finish_many(&inner.db, &inner.env, &ends).await {
                Err(error) if error.retryable() && Instant::now() < until => {
                    log_trouble(&error, "the ends of jobs could not be taken down, trying again");
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                other => break other,
            }
        };
        // Whatever came of it, this process runs them no more.
        ends.iter().for_each(|(lease, _)| inner.let_go(lease));
        match result {
            Ok(finished) => {
                for (answer, finished) in answers.into_iter().zip(finished) {
                    // A runner that no longer waits has its end taken down all the same.
                    drop(answer.send(Ok(finished)));
                }
            }
            // One end that the database refuses must not take the others with it.
            Err(error) => {
                log_trouble(&error, "the ends of jobs could not be taken down together");
                for (end, answer) in ends.into_iter().zip(answers) {
                    let one = finish_many(&inner.db, &inner.env, std::slice::from_ref(&end)).await;
                    drop(answer.send(one.map(|one| one.first().copied().unwrap_or(Finished::LostClaim))));
                }
            }
        }
    }
}
