//! Housekeeping: what ended long ago is forgotten.

use chrono::Duration;
use serde::Serialize;
use store::queue;
use store::repo::{events, sessions, sync_runs};

use crate::Context;
use crate::run::{JobError, RunHandle};

/// Jobs that were done or cancelled are kept this long, days.
const ENDED_JOBS: i64 = 14;
/// Dead jobs, days.
const DEAD_JOBS: i64 = 90;
/// Sync runs, days; the newest of each place is always kept.
const SYNC_RUNS: i64 = 30;
/// Events, days: whoever comes back later reads everything again.
const EVENTS: i64 = 3;
/// Sessions that ended, days.
const SESSIONS: i64 = 30;

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PruneReport {
    /// Jobs, with their attempts, logs and effects.
    pub jobs: u64,
    /// Ticks of schedules.
    pub ticks: u64,
    /// Sync runs.
    pub sync_runs: u64,
    /// Events.
    pub events: u64,
    /// Sessions.
    pub sessions: u64,
}

/// Forgets what is older than it is kept.
///
/// # Errors
/// [`JobError::Retry`] when the database fails, [`JobError::Cancelled`].
pub async fn prune(ctx: &Context, handle: &dyn RunHandle) -> Result<PruneReport, JobError> {
    let now = ctx.env.now();
    let before = |days: i64| now - Duration::days(days);
    let mut report = PruneReport::default();
    // In portions, so that nobody waits long for a turn to write.
    loop {
        handle.check()?;
        let pruned = queue::prune(&ctx.db, before(ENDED_JOBS), before(DEAD_JOBS)).await?;
        report.jobs += pruned.jobs;
        report.ticks += pruned.ticks;
        handle.progress(report.jobs, None, "jobs forgotten").await;
        if pruned.jobs == 0 {
            break;
        }
    }
    report.sync_runs = sync_runs::sync_run_prune(&ctx.db, before(SYNC_RUNS)).await?;
    loop {
        handle.check()?;
        let tx = ctx.db.begin().await?;
        let gone = events::events_prune(&tx, before(EVENTS)).await?;
        tx.commit().await?;
        report.events += gone;
        if gone == 0 {
            break;
        }
    }
    report.sessions = sessions::session_prune(&ctx.db, before(SESSIONS)).await?;
    ctx.db.optimize().await?;
    Ok(report)
}
