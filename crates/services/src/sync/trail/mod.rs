//! `sync-cloudtrail`: who did what with WorkSpaces and directories, out of CloudTrail's event history.
//!
//! CloudTrail gives events newest first, so a read that breaks off in the middle leaves a hole behind it. Time is therefore
//! read in pieces, the newest first, and a piece counts as known when the last page of every source is in (`plan`); what
//! is missing is noted as a gap with its reason, and tried again by each run as long as CloudTrail has it. The checkpoint
//! is the piece, the source in it and the next page. An event that comes twice is one row, so overlaps cost nothing but
//! the request. How a record is understood is `event`.

mod event;
mod plan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::cloud::{CloudError, DataApi, ObservedTrailEvent};
use domain::jobs::LogLevel;
use store::repo::data_sets::data_set_fetch;
use store::repo::trail::{TrailEventRow, trail_append};

use self::plan::Plan;
use super::end::SyncDone;
use super::jobs::SyncCloudTrailJob;
use super::pages::{Batch, PagesAhead};
use super::problems::token_refused;
use super::run::{DataRun, SyncRun, data_api};
use crate::Context;
use crate::run::{JobError, RunHandle};

const OPERATION: &str = "cloudtrail:LookupEvents";
/// The services whose events are read. LookupEvents takes one at a time.
const SOURCES: [&str; 2] = ["workspaces.amazonaws.com", "ds.amazonaws.com"];
/// Attempts at a piece that break off before the run goes on with the next one.
const TRIES: u32 = 3;

/// The plan is what a next attempt goes on with.
type At = super::planned::At<Plan>;

/// Runs a `sync-cloudtrail` job: connects, then [`sync_cloudtrail`].
///
/// # Errors
/// As [`sync_cloudtrail`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_cloudtrail_job(
    ctx: &Context,
    job: &SyncCloudTrailJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    sync_cloudtrail(ctx, data_api(ctx, job).await?, job, handle).await
}

/// Reads the events of one account and region that are not known yet, as far back as CloudTrail has them.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when nothing could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_cloudtrail(
    ctx: &Context,
    api: Arc<dyn DataApi>,
    job: &SyncCloudTrailJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let mut run = SyncRun::take_up(ctx, api, job, handle, At::default()).await?;
    let ended = phases(&mut run).await;
    run.end(ended).await
}

async fn phases(run: &mut DataRun<'_, At>) -> Result<(), JobError> {
    let mut plan = prepare(run).await?;
    loop {
        run.handle.check()?;
        if plan.next().is_none() {
            return Ok(());
        }
        let Some(error) = read(run, &mut plan).await? else { continue };
        let again = error.is_transient();
        if let Some(piece) = &mut plan.piece
            && again
        {
            piece.tries += 1;
            if piece.tries < TRIES {
                run.at.plan = Some(plan);
                return run.broke_off(&error).await;
            }
        }
        if again || matches!(error, CloudError::Refused { .. } | CloudError::NotFound { .. }) {
            // The rest may still come; this piece waits for the next run.
            plan.piece_failed(&error.to_string());
            run.give_up(&plan, &error).await?;
            continue;
        }
        plan.all_failed(&error.to_string());
        run.give_up(&plan, &error).await?;
        return if run.anything_read { Ok(()) } else { Err(JobError::fail(error.to_string())) };
    }
}

/// The plan: that of an earlier attempt, or a new one.
async fn prepare(run: &mut DataRun<'_, At>) -> Result<Plan, JobError> {
    let now = run.ctx.env.now();
    if let Some(plan) = run.earlier_plan(now) {
        return Ok(plan);
    }
    let known = data_set_fetch(&run.ctx.db, run.account, run.region, run.kind).await?;
    let plan = Plan::new(&known, now);
    run.keep(&plan).await?;
    if plan.took_back() {
        let said = "The clock was ahead when CloudTrail was read last: what was taken for known is read again.";
        run.handle.log(LogLevel::Warn, said).await;
    }
    if let Some(lost) = plan.newly_lost() {
        let said = format!("Events from {} to {} are lost: CloudTrail keeps 90 days.", lost.from, lost.to);
        run.handle.log(LogLevel::Warn, &said).await;
    }
    Ok(plan)
}

/// Reads one source of the piece to its end. Gives why the pages broke off.
async fn read(run: &mut DataRun<'_, At>, plan: &mut Plan) -> Result<Option<CloudError>, JobError> {
    let Some(piece) = plan.piece.clone() else { return Ok(None) };
    let mut resumed = piece.next_token.is_some();
    let Some(source) = SOURCES.get(piece.source).copied() else { return Ok(None) };
    let (from, to) = (piece.span.from, piece.span.to);
    let mut token = piece.next_token;
    'begin: loop {
        let mut pages = PagesAhead::start(run.api.clone(), OPERATION, token, move |api, token| {
            api.trail_page(source, from, to, token)
        });
        while let Some(batch) = pages.next().await {
            let error = batch.error.clone();
            resumed &= !batch.read;
            take(run, plan, batch).await?;
            run.handle.check()?;
            match error {
                None => {}
                // Only the first page after an interruption can meet this; what is read again is there already.
                Some(error) if resumed && token_refused(&error) => {
                    (resumed, token) = (false, None);
                    continue 'begin;
                }
                error => return Ok(error),
            }
        }
        return Ok(None);
    }
}

/// Counts and writes a batch; nothing is counted that was not written.
async fn take(run: &mut DataRun<'_, At>, plan: &mut Plan, batch: Batch<ObservedTrailEvent>) -> Result<(), JobError> {
    if !batch.read {
        return Ok(());
    }
    let mut next = plan.clone();
    let last = batch.next_token.is_none() && batch.error.is_none();
    if let Some(piece) = &mut next.piece {
        piece.next_token = batch.next_token;
        piece.events += count(&batch.rows);
        piece.tries = 0;
    }
    if last {
        next.source_done(SOURCES.len());
    }
    let before = run.mark();
    run.anything_read = true;
    run.report.items_read += count(&batch.rows);
    let malformed = batch.rows.iter().filter_map(|event| event.malformed.clone());
    let unreadable: Vec<String> = malformed.collect();
    let (named, nameless): (Vec<_>, Vec<_>) = batch.rows.into_iter().partition(|event| !event.event_id.is_empty());
    let rows: Vec<TrailEventRow> = named.into_iter().map(event::row).collect();
    run.follow(&next);
    if let Some(reason) = unreadable.first() {
        let count = count(&unreadable);
        run.skip(OPERATION, count, &format!("records of which only the outside could be read: {reason}")).await;
    }
    run.skip(OPERATION, count(&nameless), "events without an id").await;
    let written = write(run, &rows).await;
    run.or_back(before, written)?;
    *plan = next;
    run.handle.progress(run.report.items_read, None, "events read").await;
    Ok(())
}

fn count<T>(all: &[T]) -> u64 {
    u64::try_from(all.len()).unwrap_or(u64::MAX)
}

/// Writes events with the checkpoint in one transaction.
async fn write(run: &mut DataRun<'_, At>, rows: &[TrailEventRow]) -> Result<(), JobError> {
    let tx = run.begin().await?;
    run.report.items_written += trail_append(&tx, run.account, run.region, rows).await?;
    run.save(&tx).await?;
    run.commit(tx, &[]).await
}
