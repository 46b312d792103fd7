//! The phase that matters most: the pages of WorkSpaces, written as they come, and what has gone.

use domain::event::Event;
use domain::jobs::LogLevel;
use domain::sync::SyncReport;
use domain::workspace::ObservedWorkspace;
use domain::workspace::rules::in_transition;
use store::repo::inventory::{self, BatchOutcome, StateChange};

use super::super::pages::PagesAhead;
use super::super::problems::token_refused;
use super::{Phase, Run};
use crate::run::JobError;

const OPERATION: &str = "workspaces:DescribeWorkspaces";

/// More changes of state than this in one batch are told as one change of the fleet.
const TOLD_ONE_BY_ONE: usize = 200;

/// Reads and writes the pages, from where the last attempt stopped.
pub(super) async fn read(run: &mut Run<'_>) -> Result<(), JobError> {
    let mut resumed = run.at.next_token.is_some();
    'begin: loop {
        let token = run.at.next_token.clone();
        let mut pages = PagesAhead::start(run.api.clone(), OPERATION, token, |api, token| api.workspace_page(token));
        while let Some(batch) = pages.next().await {
            if batch.read {
                resumed = false;
                let before = run.mark();
                run.anything_read = true;
                run.at.whole = batch.next_token.is_none();
                run.at.next_token = batch.next_token;
                let written = write(run, &batch.rows).await;
                run.or_back(before, written)?;
                run.handle.progress(run.report.seen, None, "WorkSpaces read").await;
            }
            run.handle.check()?;
            match batch.error {
                None => {}
                // Only the first page after an interruption can meet this; what is read again is written again.
                Some(error) if resumed && token_refused(&error) => {
                    let message = "AWS no longer accepts where the last attempt stopped; beginning again.";
                    run.handle.log(LogLevel::Info, message).await;
                    resumed = false;
                    run.at.next_token = None;
                    (run.report.seen, run.report.unchanged, run.report.in_transition) = (0, 0, 0);
                    continue 'begin;
                }
                // What was read stays, and nothing is marked as gone.
                Some(error) => {
                    run.at.whole = false;
                    return run.broke_off(&error).await;
                }
            }
        }
        return Ok(());
    }
}

/// Writes a batch with its events and the checkpoint in one transaction.
async fn write(run: &mut Run<'_>, rows: &[ObservedWorkspace]) -> Result<(), JobError> {
    for row in rows {
        for message in run.unknown.workspace(&mut run.report, row) {
            run.handle.log(LogLevel::Warn, &message).await;
        }
    }
    let context = run.context();
    let tx = run.begin().await?;
    let outcome = inventory::inventory_apply(&tx, &context, rows).await?;
    count(&mut run.report, rows, &outcome);
    run.save(&tx).await?;
    // That there are new ones is told by the change of the fleet.
    let moved: Vec<_> = outcome.state_changes.into_iter().filter(|change| change.before.is_some()).collect();
    let mut told = state_events(&moved);
    if outcome.added + outcome.changed > 0 {
        told.push(run.fleet_changed(outcome.added + outcome.changed));
    }
    run.commit(tx, &told).await
}

fn count(report: &mut SyncReport, rows: &[ObservedWorkspace], outcome: &BatchOutcome) {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    report.seen += count(rows.len());
    report.added += outcome.added;
    report.changed += outcome.changed;
    report.unchanged += outcome.unchanged;
    report.in_transition += count(rows.iter().filter(|row| in_transition(&row.state)).count());
}

/// Marks what this run did not see as gone. Only after every page was read.
pub(super) async fn gone(run: &mut Run<'_>) -> Result<(), JobError> {
    let before = run.mark();
    let marked = mark_unseen(run).await;
    run.or_back(before, marked)
}

async fn mark_unseen(run: &mut Run<'_>) -> Result<(), JobError> {
    let tx = run.begin().await?;
    // First of all: that the run is open, and stays so to the end of the transaction, with all it has seen.
    run.save(&tx).await?;
    let gone = inventory::mark_gone(&tx, run.account, run.region, run.id, run.ctx.env.now()).await?;
    run.report.gone += u64::try_from(gone.len()).unwrap_or(u64::MAX);
    (run.at.phase, run.at.next_token) = (Phase::Bundles, None);
    run.save(&tx).await?;
    let mut told = state_events(&gone);
    if !gone.is_empty() {
        told.push(run.fleet_changed(run.report.gone));
    }
    run.commit(tx, &told).await
}

/// An event for each change, unless there are so many that whoever watches should read the list again.
pub(super) fn state_events(changes: &[StateChange]) -> Vec<Event> {
    if changes.len() > TOLD_ONE_BY_ONE { Vec::new() } else { changes.iter().map(StateChange::event).collect() }
}
