//! A run handle that remembers what was said and can be cancelled, and one that stands on a claim of the queue.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::ids::JobId;
use domain::jobs::LogLevel;
use serde_json::Value;
use store::Tx;
use store::queue::{Lease, checkpoint_set};

use crate::run::{JobError, RunHandle};

/// One job, over all its attempts.
pub(crate) struct RecordedRun {
    pub(crate) id: JobId,
    pub(crate) checkpoint: Mutex<Option<Value>>,
    pub(crate) log: Mutex<Vec<String>>,
    /// How far it was, and of how much, each time that it said so.
    pub(crate) progress: Mutex<Vec<(u64, Option<u64>)>>,
    pub(crate) cancelled: AtomicBool,
}

impl RecordedRun {
    pub(crate) fn new(id: JobId) -> Self {
        let cancelled = AtomicBool::new(false);
        Self { id, checkpoint: Mutex::default(), log: Mutex::default(), progress: Mutex::default(), cancelled }
    }
}

#[async_trait]
impl RunHandle for RecordedRun {
    fn job_id(&self) -> JobId {
        self.id
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn handed_back(&self) -> bool {
        false
    }

    async fn progress(&self, done: u64, total: Option<u64>, _: &str) {
        self.progress.lock().unwrap().push((done, total));
    }

    async fn log(&self, level: LogLevel, message: &str) {
        self.log.lock().unwrap().push(format!("{level}: {message}"));
    }

    fn checkpoint(&self) -> Option<Value> {
        self.checkpoint.lock().unwrap().clone()
    }

    async fn save_checkpoint(&self, _: &Tx, checkpoint: &Value) -> Result<(), JobError> {
        *self.checkpoint.lock().unwrap() = Some(checkpoint.clone());
        Ok(())
    }
}

/// One claim of a job, as a worker holds it that has not yet learned that the job was taken from it.
pub(crate) struct ClaimedRun(pub(crate) Lease);

#[async_trait]
impl RunHandle for ClaimedRun {
    fn job_id(&self) -> JobId {
        self.0.id
    }

    fn cancelled(&self) -> bool {
        false
    }

    fn handed_back(&self) -> bool {
        false
    }

    async fn progress(&self, _: u64, _: Option<u64>, _: &str) {}

    async fn log(&self, _: LogLevel, _: &str) {}

    fn checkpoint(&self) -> Option<Value> {
        None
    }

    async fn save_checkpoint(&self, tx: &Tx, checkpoint: &Value) -> Result<(), JobError> {
        if checkpoint_set(tx, &self.0, checkpoint).await? { Ok(()) } else { Err(JobError::Cancelled) }
    }
}
