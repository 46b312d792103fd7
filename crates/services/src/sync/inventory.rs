//! The phase that matters most: the pages of WorkSpaces, written as they come, and what has gone.

use domain::cloud::CloudError;
use domain::event::Event;
use domain::jobs::LogLevel;
use domain::sync::SyncProblem;
use domain::workspace::ObservedWorkspace;
use domain::workspace::rules::in_transition;
use store::repo::events;
use store::repo::inventory::{self, BatchOutcome, StateChange, SyncContext};

use super::pages::PagesAhead;
use super::problems::token_refused;
use super::reconcile::{Phase, Run};
use crate::run::JobError;

const OPERATION: &str = "workspaces:DescribeWorkspaces";

/// More changes of state than this in one batch are told as one change of the fleet.
const TOLD_ONE_BY_ONE: usize = 200;

impl Run<'_> {
    /// Reads and writes the pages, from where the last attempt stopped.
    pub(super) async fn workspaces(&mut self) -> Result<(), JobError> {
        let mut resumed = self.at.next_token.is_some();
        'begin: loop {
            let token = self.at.next_token.clone();
            let mut pages =
                PagesAhead::start(self.api.clone(), OPERATION, token, |api, token| api.workspace_page(token));
            while let Some(batch) = pages.next().await {
                if batch.read {
                    resumed = false;
                    let before = self.mark();
                    self.at.inventory_read = true;
                    self.at.inventory_whole = batch.next_token.is_none();
                    self.at.next_token = batch.next_token;
                    let written = self.write_batch(&batch.rows).await;
                    self.or_back(before, written)?;
                }
                self.handle.check()?;
                match batch.error {
                    None => {}
                    // Only the first page after an interruption can meet this; what is read again is written again.
                    Some(error) if resumed && token_refused(&error) => {
                        let message = "AWS no longer accepts where the last attempt stopped; beginning again.";
                        self.handle.log(LogLevel::Info, message).await;
                        resumed = false;
                        self.at.next_token = None;
                        (self.report.seen, self.report.unchanged, self.report.in_transition) = (0, 0, 0);
                        continue 'begin;
                    }
                    Some(error) => return self.broke_off(&error).await,
                }
            }
            return Ok(());
        }
    }

    /// The pages broke off: what was read stays. A passing reason is worth another attempt, any other is reported.
    async fn broke_off(&mut self, error: &CloudError) -> Result<(), JobError> {
        self.at.inventory_whole = false;
        if error.is_transient() {
            self.at.broke_off = Some(SyncProblem::from(error));
            return Err(JobError::retry(error.to_string()));
        }
        self.problem(error).await;
        if self.at.inventory_read { Ok(()) } else { Err(JobError::fail(error.to_string())) }
    }

    /// Writes a batch with its events and the checkpoint in one transaction.
    async fn write_batch(&mut self, rows: &[ObservedWorkspace]) -> Result<(), JobError> {
        for row in rows {
            for message in self.unknown.workspace(&mut self.report, row) {
                self.handle.log(LogLevel::Warn, &message).await;
            }
        }
        self.at.broke_off = None;
        let now = self.ctx.env.now();
        let context =
            SyncContext { account_id: self.account, region: self.region.clone(), run: Some(self.id), at: now };
        let tx = self.ctx.db.begin().await?;
        let outcome = inventory::inventory_apply(&tx, &context, rows).await?;
        self.count(rows, &outcome);
        self.save(&tx).await?;
        // That there are new ones is told by the change of the fleet.
        let moved: Vec<_> = outcome.state_changes.into_iter().filter(|change| change.before.is_some()).collect();
        let mut told = state_events(&moved);
        if outcome.added + outcome.changed > 0 {
            told.push(Event::FleetChanged { account_id: self.account, rows: outcome.added + outcome.changed });
        }
        events::events_append(&tx, now, &told).await?;
        tx.commit().await?;
        if !told.is_empty() {
            self.ctx.announce();
        }
        self.handle.progress(self.report.seen, None, "WorkSpaces read").await;
        Ok(())
    }

    fn count(&mut self, rows: &[ObservedWorkspace], outcome: &BatchOutcome) {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.report.seen += count(rows.len());
        self.report.added += outcome.added;
        self.report.changed += outcome.changed;
        self.report.unchanged += outcome.unchanged;
        self.report.in_transition += count(rows.iter().filter(|row| in_transition(&row.state)).count());
    }

    /// Marks what this run did not see as gone. Only after every page was read.
    pub(super) async fn gone(&mut self) -> Result<(), JobError> {
        let before = self.mark();
        let marked = self.mark_unseen().await;
        self.or_back(before, marked)
    }

    async fn mark_unseen(&mut self) -> Result<(), JobError> {
        let now = self.ctx.env.now();
        let tx = self.ctx.db.begin().await?;
        // First of all: that the run is open, and stays so to the end of the transaction, with all it has seen.
        self.save(&tx).await?;
        let gone = inventory::mark_gone(&tx, self.account, self.region, self.id, now).await?;
        self.report.gone += u64::try_from(gone.len()).unwrap_or(u64::MAX);
        (self.at.phase, self.at.next_token) = (Phase::Bundles, None);
        self.save(&tx).await?;
        let mut told = state_events(&gone);
        if !gone.is_empty() {
            told.push(Event::FleetChanged { account_id: self.account, rows: self.report.gone });
        }
        events::events_append(&tx, now, &told).await?;
        tx.commit().await?;
        if !told.is_empty() {
            self.ctx.announce();
        }
        Ok(())
    }
}

/// An event for each change, unless there are so many that whoever watches should read the list again.
pub(super) fn state_events(changes: &[StateChange]) -> Vec<Event> {
    if changes.len() > TOLD_ONE_BY_ONE { Vec::new() } else { changes.iter().map(StateChange::event).collect() }
}
