//! Schedules on the wire.

use contract::data_sets::DataSetCountsView;
use contract::schedules::{ScheduleJobView, ScheduleView};
use domain::sync::DataSetStatus;
use services::schedules::{LastJob, ScheduleOverview};

/// A schedule.
#[must_use]
pub fn schedule(overview: ScheduleOverview) -> ScheduleView {
    let (min_period_secs, max_period_secs) = overview.schedule.bounds();
    let (changed_at, changed_by) =
        overview.change.as_ref().map(|change| (change.updated_at, change.updated_by_name.clone())).unzip();
    ScheduleView {
        name: overview.schedule.name().to_owned(),
        configured_period_secs: overview.configured_period.as_secs(),
        period_secs: overview.setting.period.as_secs(),
        period_changed: overview.change.as_ref().is_some_and(|change| change.period_secs.is_some()),
        min_period_secs,
        max_period_secs,
        paused: overview.setting.paused,
        changed_at,
        changed_by,
        places: overview.places,
        last_tick_at: overview.last_tick,
        next_tick_at: overview.next_tick,
        last_job: overview.last_job.map(job),
        data_sets: overview.schedule.kind().map(|_| counts(&overview.statuses)),
    }
}

fn job(job: LastJob) -> ScheduleJobView {
    ScheduleJobView {
        id: job.id,
        subject: job.subject,
        state: job.state,
        created_at: job.created_at,
        finished_at: job.finished_at,
        error: job.error,
    }
}

fn counts(statuses: &[(DataSetStatus, u64)]) -> DataSetCountsView {
    let mut counts = DataSetCountsView::default();
    for (status, count) in statuses {
        match status {
            DataSetStatus::Ok => counts.ok = *count,
            DataSetStatus::Partial => counts.partial = *count,
            DataSetStatus::Failed => counts.failed = *count,
            DataSetStatus::Never => counts.never = *count,
        }
    }
    counts
}
