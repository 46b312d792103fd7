//! Jobs on the wire. Payloads are left out: they are between the one who asks and the worker.

use contract::jobs::{JobAttemptView, JobDetailView, JobLogView, JobView};
use services::jobs::{JobAttemptRecord, JobDetail, JobLogRecord, JobRecord};

/// A job.
#[must_use]
pub fn job(job: JobRecord) -> JobView {
    JobView {
        id: job.id,
        kind: job.kind,
        subject: job.subject,
        state: job.state,
        progress: job.progress,
        cancel_requested: job.cancel_requested,
        attempts: job.claims,
        max_attempts: job.max_attempts,
        account_id: job.account_id,
        created_by: job.created_by_name,
        created_at: job.created_at,
        run_at: job.run_at,
        started_at: job.started_at,
        finished_at: job.finished_at,
        error: job.error,
    }
}

/// One job in full.
#[must_use]
pub fn detail(mut detail: JobDetail) -> JobDetailView {
    JobDetailView {
        result: detail.job.result.take(),
        job: job(detail.job),
        attempts: detail.attempts.into_iter().map(attempt).collect(),
        log: detail.log.into_iter().map(line).collect(),
    }
}

fn attempt(attempt: JobAttemptRecord) -> JobAttemptView {
    JobAttemptView {
        number: attempt.number,
        worker: attempt.worker,
        started_at: attempt.started_at,
        finished_at: attempt.finished_at,
        outcome: attempt.outcome,
        error: attempt.error,
    }
}

fn line(line: JobLogRecord) -> JobLogView {
    JobLogView { at: line.at, level: line.level, message: line.message }
}
