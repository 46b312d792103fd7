//! Jobs on the wire. Payloads are left out: they are between the one who asks and the worker.

use contract::jobs::{
    JobAttemptView, JobDetailView, JobItemCountsView, JobItemView, JobItemsView, JobKindCountsView, JobLogView,
    JobSummaryView, JobView,
};
use domain::jobs::{ItemOutcome, JobState};
use services::jobs::{JobAttemptRecord, JobDetail, JobItem, JobItems, JobLogRecord, JobRecord, JobSummary};

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

/// One job in full; with a page of its items instead of all of them, where there is one.
#[must_use]
pub fn detail(mut detail: JobDetail, items: Option<JobItems>) -> JobDetailView {
    let whole = items.is_none();
    JobDetailView {
        result: detail.job.result.take().filter(|_| whole),
        so_far: detail.so_far.filter(|_| whole),
        items: items.map(page),
        job: job(detail.job),
        attempts: detail.attempts.into_iter().map(attempt).collect(),
        log: detail.log.into_iter().map(line).collect(),
    }
}

fn page(items: JobItems) -> JobItemsView {
    let count = |outcome| items.counts.get(&outcome).copied().unwrap_or(0);
    JobItemsView {
        counts: JobItemCountsView {
            failed: count(ItemOutcome::Failed),
            skipped: count(ItemOutcome::Skipped),
            done: count(ItemOutcome::Done),
            waiting: count(ItemOutcome::Waiting),
        },
        rows: items.rows.into_iter().map(item).collect(),
        offset: items.offset,
        total: items.total,
        order: items.order,
    }
}

fn item(item: JobItem) -> JobItemView {
    let JobItem { id, aws_id, user_name, outcome, code, message } = item;
    JobItemView { id, aws_id, user_name, outcome, code, message }
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

/// The queue in numbers.
#[must_use]
pub fn summary(summary: JobSummary) -> JobSummaryView {
    let mut view = JobSummaryView {
        oldest_due_at: summary.oldest_due,
        oldest_due_secs: summary.oldest_due.map(|due| u64::try_from((summary.at - due).num_seconds()).unwrap_or(0)),
        ..JobSummaryView::default()
    };
    for (kind, state, count) in summary.counts {
        if view.kinds.last().is_none_or(|last| last.kind != kind) {
            view.kinds.push(JobKindCountsView { kind, ..JobKindCountsView::default() });
        }
        let Some(of_kind) = view.kinds.last_mut() else { continue };
        let (all, one) = match state {
            JobState::Queued => (&mut view.queued, &mut of_kind.queued),
            JobState::Running => (&mut view.running, &mut of_kind.running),
            JobState::Dead => (&mut view.dead, &mut of_kind.dead),
            JobState::Done | JobState::Cancelled => continue,
        };
        *all += count;
        *one += count;
    }
    view
}
