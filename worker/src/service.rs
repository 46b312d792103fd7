//! Runs one claimed job: within its time limit, apart from the worker's loop, with panics caught; then takes down how it
//! ended. It never fails towards apalis: what went wrong with a job is the queue's business.

use std::panic::AssertUnwindSafe;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use apalis_core::task::Task;
use domain::jobs::{JobState, LogLevel};
use futures::FutureExt;
use futures::future::BoxFuture;
use platform::errors::panics;
use platform::errors::scrub::scrub;
use platform::traces::Trace;
use serde_json::Value;
use services::actions::WorkspaceActionJob;
use services::run::{JobError, RunHandle};
use services::sync::{cancel_run, close_run};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::compose::{ClaimedJob, Finish, Finished, JobQueue, StopReason, StopSignal};
use crate::handle::Handle;
use crate::jobs::{self, Runners};

/// Longest time one attempt may take; a sync of 50,000 WorkSpaces at AWS's own rate takes about 35 minutes.
const TIME_LIMIT: Duration = Duration::from_secs(2 * 3600);

/// How long a run that should stop has to do so by itself, before it is cut off. With the look for wishes to cancel each
/// second, a job is cancelled within two seconds though the nudge was lost.
const GRACE: Duration = Duration::from_millis(300);

/// The service behind the apalis worker.
#[derive(Clone)]
pub(crate) struct RunService {
    queue: JobQueue,
    runners: Runners,
    /// Cuts runs off: their jobs have been handed back.
    abort: CancellationToken,
}

impl RunService {
    pub(crate) fn new(queue: JobQueue, runners: Runners, abort: CancellationToken) -> Self {
        Self { queue, runners, abort }
    }
}

impl tower::Service<Task<ClaimedJob>> for RunService {
    type Response = ();
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<(), Self::Error>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        // The queue claims no more than there is room for.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<ClaimedJob>) -> Self::Future {
        let (queue, runners, abort) = (self.queue.clone(), self.runners.clone(), self.abort.clone());
        let job = task.args;
        let span = tracing::info_span!(
            "job", id = %job.id(), kind = job.kind, attempt = job.attempt, request_id = job.request_id
        );
        let trace = Trace::of_job(&job.kind, &job.id().to_string(), job.attempt, job.trace.as_deref());
        let run = trace.around(run(queue, runners, job, trace.clone()).instrument(span));
        // A task of its own: a runner that computes for long holds up neither the claims nor other runs.
        let run = tokio::spawn(abort.run_until_cancelled_owned(run));
        async move {
            if let Err(error) = run.await {
                tracing::error!(%error, "a job's end could not be taken down; it will be taken for an orphan");
            }
            Ok(())
        }
        .boxed()
    }
}

async fn run(queue: JobQueue, runners: Runners, job: ClaimedJob, trace: Trace) {
    // The claim's event.
    runners.ctx.announce();
    let (began, _slot) = (Instant::now(), Slot::take());
    let handle = Handle::new(runners.ctx.clone(), queue.clone(), &job);
    let attempt = jobs::run(&runners, job.id(), &job.kind, &job.payload, &handle);
    // On the heap: a sync's future is large, and is held here more than once.
    let attempt = Box::pin(AssertUnwindSafe(attempt).catch_unwind());
    let attempt = async {
        tokio::select! {
            biased;
            ended = attempt => ended,
            () = overstayed(&job.kind, handle.stop_signal()) => Ok(Err(JobError::Cancelled)),
        }
    };
    let ended = tokio::time::timeout(TIME_LIMIT, attempt).await;
    let outcome = match ended {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => {
            let message = format!("it panicked: {}", scrub(panics::text(panic.as_ref())));
            handle.log(LogLevel::Error, &message).await;
            Err(JobError::retry(message))
        }
        Err(_) => Err(JobError::retry(format!("it took longer than {} minutes", TIME_LIMIT.as_secs() / 60))),
    };
    handle.flush().await;
    let error = outcome.as_ref().err().map(ToString::to_string);
    trace.end(outcome.as_ref().err().map(JobError::code));
    let Some(finish) = finish(outcome, handle.stop_reason()) else {
        tracing::warn!("the job is no longer this worker's; its end is not taken down");
        // Gives the place free; the queue refuses the end itself.
        drop(queue.finish(&job.lease, Finish::HandBack).await);
        count(&job.kind, "lost", began);
        return;
    };
    match queue.finish(&job.lease, finish).await {
        Ok(Finished::Saved(state)) => {
            count(&job.kind, outcome_of(state), began);
            ended_as(&runners, &job, state, error.as_deref()).await;
        }
        Ok(Finished::LostClaim) => {
            count(&job.kind, "lost", began);
            tracing::warn!("another worker has taken the job over meanwhile");
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the job's end could not be taken down");
        }
    }
    runners.ctx.announce();
}

/// One of the jobs that run at the same time, until it goes.
struct Slot;

impl Slot {
    fn take() -> Self {
        metrics::gauge!("wheelhouse_worker_slots_used").increment(1.0);
        Self
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        metrics::gauge!("wheelhouse_worker_slots_used").decrement(1.0);
    }
}

/// Counts an attempt. The kind is one of those that this worker knows.
fn count(kind: &str, outcome: &'static str, began: Instant) {
    metrics::histogram!("wheelhouse_job_duration_seconds", "kind" => kind.to_owned(), "outcome" => outcome)
        .record(began.elapsed().as_secs_f64());
}

/// What an attempt's end is counted as; one that waits again was to be tried again, or was handed back.
fn outcome_of(state: JobState) -> &'static str {
    match state {
        JobState::Queued | JobState::Running => "again",
        JobState::Done => "done",
        JobState::Dead => "dead",
        JobState::Cancelled => "cancelled",
    }
}

/// Waits until a run that should stop has not done so for [`GRACE`], such as one that waits for AWS; it is cut off then.
/// Not an action, whose changes at AWS must be taken down, and not for a shutdown: the draining worker sees to that.
async fn overstayed(kind: &str, mut stop: StopSignal) {
    let stopped = stop.stopped().await;
    if kind == WorkspaceActionJob::NAME || stopped == StopReason::Shutdown {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(GRACE).await;
}

/// What follows the end of a job.
async fn ended_as(runners: &Runners, job: &ClaimedJob, state: JobState, error: Option<&str>) {
    tracing::debug!(%state, error, "a job's attempt ended");
    let closed = match state {
        JobState::Dead => close_run(&runners.ctx, job.id(), error.unwrap_or("it died")).await,
        JobState::Cancelled => cancel_run(&runners.ctx, job.id()).await,
        JobState::Queued | JobState::Running | JobState::Done => Ok(()),
    };
    if let Err(error) = closed {
        tracing::warn!(error = &error as &dyn std::error::Error, "a sync run was left open");
    }
}

/// How the attempt is taken down; `None` when the job is no longer ours.
fn finish(outcome: Result<Value, JobError>, stop: Option<StopReason>) -> Option<Finish> {
    Some(match outcome {
        Ok(Value::Null) => Finish::Done { result: None },
        Ok(result) => Finish::Done { result: Some(result) },
        Err(JobError::Cancelled) => match stop {
            Some(StopReason::Shutdown) => Finish::HandBack,
            Some(StopReason::Lost) => return None,
            Some(StopReason::Cancelled) | None => Finish::Cancelled,
        },
        Err(JobError::Retry { message, source }) => {
            if let Some(source) = source {
                tracing::warn!(
                    error = source.as_ref() as &dyn std::error::Error,
                    reason = message,
                    "a job's attempt failed"
                );
            }
            Finish::Retry { error: message }
        }
        Err(JobError::RetryAt { at, message }) => Finish::RetryAt { at, error: message },
        Err(JobError::Fail { message }) => Finish::Fail { error: message },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_stopped_ends_as_what_it_was_stopped_for() {
        let stopped = |reason| finish(Err(JobError::Cancelled), reason);
        assert_eq!(stopped(Some(StopReason::Cancelled)), Some(Finish::Cancelled));
        assert_eq!(stopped(Some(StopReason::Shutdown)), Some(Finish::HandBack));
        assert_eq!(stopped(Some(StopReason::Lost)), None);
        // One that finished first has finished, whatever was asked meanwhile.
        let done = finish(Ok(Value::Null), Some(StopReason::Cancelled));
        assert_eq!(done, Some(Finish::Done { result: None }));
    }

    #[test]
    fn a_cancelled_run_has_ended_within_two_seconds() {
        // The rest is for the statements: the look itself, and the end of the run.
        let statements = Duration::from_millis(500);
        assert!(crate::compose::CANCEL_LOOK + GRACE + statements <= Duration::from_secs(2));
    }
}
