//! What a running job may say, put on the queue: progress at most four times a second, log lines, checkpoints, and whether
//! it should stop.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::JobId;
use domain::jobs::{JobProgress, LogLevel};
use serde_json::Value;
use services::Context;
use services::run::{JobError, RunHandle};
use tokio::time::Instant;

use crate::compose::{self, ClaimedJob, JobQueue, Lease, StopReason, StopSignal, Tx};

/// Progress is written at most this often.
const PROGRESS: Duration = Duration::from_millis(250);

/// The handle of one run.
pub(crate) struct Handle {
    ctx: Context,
    queue: JobQueue,
    lease: Lease,
    checkpoint: Option<Value>,
    stop: StopSignal,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    written_at: Option<Instant>,
    /// What was said since, and not written.
    pending: Option<JobProgress>,
}

impl Said {
    /// What is to be written now, if it is time.
    fn say(&mut self, progress: JobProgress, now: Instant) -> Option<JobProgress> {
        if self.written_at.is_some_and(|at| now < at + PROGRESS) {
            self.pending = Some(progress);
            return None;
        }
        self.written_at = Some(now);
        self.pending = None;
        Some(progress)
    }
}

impl Handle {
    pub(crate) fn new(ctx: Context, queue: JobQueue, job: &ClaimedJob) -> Self {
        let stop = queue.stop_signal(&job.lease);
        Self { ctx, queue, lease: job.lease.clone(), checkpoint: job.checkpoint.clone(), stop, said: Mutex::default() }
    }

    /// Why the run should stop, if it should.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        self.stop.reason()
    }

    /// What tells the run to stop.
    pub(crate) fn stop_signal(&self) -> StopSignal {
        self.stop.clone()
    }

    /// Writes what was said last, if it was not.
    pub(crate) async fn flush(&self) {
        let pending = self.said().pending.take();
        if let Some(pending) = pending {
            self.write(&pending).await;
        }
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, progress: &JobProgress) {
        if let Err(error) = self.queue.progress(&self.lease, progress).await {
            // It is only told; the next one may get through.
            tracing::debug!(job = %self.lease.id, %error, "progress could not be written");
        }
        self.ctx.announce();
    }
}

#[async_trait]
impl RunHandle for Handle {
    fn job_id(&self) -> JobId {
        self.lease.id
    }

    fn cancelled(&self) -> bool {
        self.stop.reason().is_some()
    }

    fn handed_back(&self) -> bool {
        matches!(self.stop.reason(), Some(StopReason::Shutdown | StopReason::Lost))
    }

    async fn progress(&self, done: u64, total: Option<u64>, note: &str) {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let progress = JobProgress { done: number(done), total: total.map(number), note: note.to_owned() };
        let due = self.said().say(progress, Instant::now());
        if let Some(due) = due {
            self.write(&due).await;
        }
    }

    async fn log(&self, level: LogLevel, message: &str) {
        if let Err(error) = self.queue.log(self.lease.id, level, message).await {
            tracing::warn!(job = %self.lease.id, %error, line = message, "a job's log line could not be written");
        }
    }

    fn checkpoint(&self) -> Option<Value> {
        self.checkpoint.clone()
    }

    async fn save_checkpoint(&self, tx: &Tx, checkpoint: &Value) -> Result<(), JobError> {
        if compose::save_checkpoint(tx, &self.lease, checkpoint).await? { Ok(()) } else { Err(JobError::Cancelled) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(done: i64) -> JobProgress {
        JobProgress { done, total: None, note: String::new() }
    }

    #[test]
    fn progress_is_written_four_times_a_second_and_the_last_is_kept() {
        let (mut said, start) = (Said::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(said.say(done(1), at(0)), Some(done(1)));
        assert_eq!(said.say(done(2), at(100)), None);
        assert_eq!(said.say(done(3), at(249)), None);
        assert_eq!(said.pending, Some(done(3)));
        assert_eq!(said.say(done(4), at(250)), Some(done(4)));
        assert_eq!(said.pending, None);
    }
}
