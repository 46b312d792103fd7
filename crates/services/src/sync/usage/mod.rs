//! `sync-usage`: who was connected when, out of CloudWatch's metric UserConnected, and measures of each day.
//!
//! What is known is noted per WorkSpace (`store::repo::usage_coverage`), in the transaction that writes it. So a run is
//! resumable without more ado: what was read is no longer due; a WorkSpace that is found later has its own past read; one
//! that CloudWatch answered badly for stays behind, and the next run repairs it. What is asked for in one request is decided
//! in `plan`, how answers become rows in `connected` and `measures`. Not the rules themselves (`domain::usage`).
//!
//! Cost: AWS charges 0.01 USD per 1,000 metrics asked for, whatever the length of the stretch (CloudWatch pricing,
//! GetMetricData). A read of connections asks one per WorkSpace, the measures of a day ten.

mod connected;
mod measures;
mod plan;
mod request;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound as _, Utc};
use domain::cloud::{CloudError, DataApi};
use domain::ids::WorkspaceId;
use domain::jobs::LogLevel;
use domain::sync::{DataSetStatus, Gap, SyncKind, SyncProblem};
use serde::{Deserialize, Serialize};
use store::repo::{data_sets, usage_coverage};

use super::end::SyncDone;
use super::jobs::SyncUsageJob;
use super::run::{Covered, DataRun, SyncRun, data_api};
use crate::Context;
use crate::run::{JobError, RunHandle};

/// The call.
pub(super) const OPERATION: &str = "cloudwatch:GetMetricData";

/// The parts of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Connected,
    Measures,
}

/// Where a next attempt goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct At {
    phase: Phase,
    /// The end of what this run reads, not included.
    to: DateTime<Utc>,
    /// WorkSpaces up to this one were asked for; what went wrong with them is left to the next run.
    after: Option<WorkspaceId>,
}

/// Runs a `sync-usage` job: connects, then [`sync_usage`].
///
/// # Errors
/// As [`sync_usage`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_usage_job(ctx: &Context, job: &SyncUsageJob, handle: &dyn RunHandle) -> Result<SyncDone, JobError> {
    sync_usage(ctx, data_api(ctx, job).await?, job, handle).await
}

/// Reads the usage of the known WorkSpaces of one account and region, from where it is known up to now.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when nothing could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_usage(
    ctx: &Context,
    api: Arc<dyn DataApi>,
    job: &SyncUsageJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    // A period counts when it is over.
    let now = ctx.env.now();
    let to = now.duration_trunc(Duration::minutes(5)).unwrap_or(now);
    let start = At { phase: Phase::Connected, to, after: None };
    let mut run = SyncRun::take_up(ctx, api, job, handle, start).await?;
    let ended = phases(&mut run).await;
    let ended = match ended {
        Ok(()) => cover(&mut run).await,
        Err(error) => Err(error),
    };
    run.end(ended).await
}

async fn phases(run: &mut DataRun<'_, At>) -> Result<(), JobError> {
    let mut failures = Failures::default();
    if run.at.phase == Phase::Connected {
        take_back(run).await?;
        connected::read(run, &mut failures).await?;
        run.enter(|at| (at.phase, at.after) = (Phase::Measures, None)).await?;
    }
    if run.ctx.policy.now().sync.usage_daily_measures {
        measures::read(run, &mut failures).await?;
    }
    let Some(error) = failures.passing else { return Ok(()) };
    // The rest is in: another attempt asks for what is due still.
    run.enter(|at| (at.phase, at.after) = (Phase::Connected, None)).await?;
    run.broke_off(&error).await
}

/// Questions that fail one after the other, after which the others are not asked.
const PATIENCE: u32 = 5;

/// What questions of an attempt failed of. One that fails holds up no other.
#[derive(Default)]
struct Failures {
    in_a_row: u32,
    /// The last passing reason: worth another attempt.
    passing: Option<CloudError>,
}

impl Failures {
    /// Takes note of how a question ended; `false` when no further one of its sort is worth asking.
    ///
    /// # Errors
    /// As [`SyncRun::broke_off`], when the next one would fail of the same.
    async fn note(&mut self, run: &mut DataRun<'_, At>, failed: Option<CloudError>) -> Result<bool, JobError> {
        let Some(error) = failed else {
            self.in_a_row = 0;
            return Ok(true);
        };
        self.in_a_row += 1;
        match &error {
            CloudError::Denied { .. } | CloudError::Unauthenticated { .. } | CloudError::Unsupported { .. } => {
                run.broke_off(&error).await?;
                Ok(false)
            }
            CloudError::Throttled { .. } | CloudError::Unavailable { .. } | CloudError::NotSent { .. } => {
                if self.in_a_row >= PATIENCE {
                    run.broke_off(&error).await?;
                }
                run.handle.log(LogLevel::Warn, &error.to_string()).await;
                self.passing = Some(error);
                Ok(true)
            }
            // It is about this question: the same WorkSpaces are asked for again by the next run.
            CloudError::Malformed { .. } | CloudError::Refused { .. } | CloudError::NotFound { .. } => {
                run.problem(&error).await;
                Ok(self.in_a_row < PATIENCE)
            }
        }
    }
}

/// What is said to be known of the future was written by a clock that was ahead: it is read again when its time has come.
async fn take_back(run: &mut DataRun<'_, At>) -> Result<(), JobError> {
    // Two workers' clocks may differ a little.
    let ahead = run.at.to + Duration::minutes(15);
    let known = usage_coverage::usage_coverage_latest(&run.ctx.db, run.account, run.region).await?;
    if known.is_none_or(|known| known <= ahead) {
        return Ok(());
    }
    let back_to = plan::recent_from(run.at.to);
    let tx = run.begin().await?;
    usage_coverage::usage_coverage_cut(&tx, run.account, run.region, back_to).await?;
    run.commit(tx, &[]).await?;
    let said = "The clock was ahead when usage was read last: what was taken for known is read again.";
    run.handle.log(LogLevel::Warn, said).await;
    Ok(())
}

/// The stretch of which every WorkSpace's usage is known. A place without WorkSpaces has nothing to know.
async fn cover(run: &mut DataRun<'_, At>) -> Result<(), JobError> {
    // Nothing was due, so everything is in; or something was read.
    run.anything_read |= run.report.problems.is_empty();
    let (db, account, region) = (&run.ctx.db, run.account, run.region);
    run.covered = match usage_coverage::usage_coverage_of_place(db, account, region).await? {
        // Of one it is known only before what is known of another: there is no moment that is known of all.
        Some((from, to)) => Some(Covered { from: from.min(to), to, gaps: Vec::new() }),
        None => unread(run).await?,
    };
    Ok(())
}

/// What was known is no longer known of all when one is there that was never read.
async fn unread(run: &mut DataRun<'_, At>) -> Result<Option<Covered>, JobError> {
    let (db, account, region) = (&run.ctx.db, run.account, run.region);
    let count = usage_coverage::usage_unread_of_place(db, account, region).await?;
    let set = data_sets::data_set_fetch(db, account, region, run.kind).await?;
    let inventory = data_sets::data_set_fetch(db, account, region, SyncKind::Workspaces).await?;
    if matches!(inventory.status, DataSetStatus::Never | DataSetStatus::Failed) && inventory.fresh_at.is_none() {
        let message =
            "The WorkSpaces of this place were not read yet, so there is nothing to ask the usage of.".to_owned();
        run.handle.log(LogLevel::Warn, &message).await;
        run.report.note(SyncProblem {
            operation: "workspaces:DescribeWorkspaces".to_owned(),
            code: "inventory_unread".to_owned(),
            message,
            missing_permission: inventory.missing_permission,
            count: 1,
        });
    }
    let known = set.covered_from.zip(set.covered_to).filter(|_| count > 0);
    Ok(known.map(|(from, to)| {
        let reason = format!("{count} WorkSpaces were not read yet");
        Covered { from, to, gaps: vec![Gap { from, to, reason }] }
    }))
}
