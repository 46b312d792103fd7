//! What an inventory that ended leads to: the first read of a place's usage, once, and only where usage is read at all.

use std::sync::Arc;

use domain::cloud::CloudError;
use domain::ids::AccountId;
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome};
use domain::workspace::WorkspaceState;
use store::repo::accounts::account_enabled_set;
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use store::repo::schedules::{ScheduleUpdate, schedule_put};

use super::{SyncUsageJob, SyncWorkspacesJob, WatchWorkspacesJob, sync_now, sync_workspaces};
use crate::run::JobError;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

struct Trial(Harness);

impl Trial {
    /// Reads the inventory of an account. Gives how it ended, and how many jobs that read usage it led to.
    async fn read(&self, account: AccountId) -> (Option<SyncOutcome>, u64) {
        let before = self.0.queued(SyncUsageJob::NAME).await;
        let job = SyncWorkspacesJob { account_id: account, region: self.0.region() };
        let run = RecordedRun::new(self.0.job_id());
        let done = match sync_workspaces(&self.0.ctx, Arc::new(self.0.fleet.clone()), &job, &run).await {
            Ok(done) => Some(done.outcome),
            Err(JobError::Fail { .. }) => None,
            Err(error) => panic!("{error}"),
        };
        (done, self.0.queued(SyncUsageJob::NAME).await - before)
    }

    /// An account of which usage was read with that outcome, and is known up to now or not at all.
    async fn account_with(&self, status: DataSetStatus, known: bool) -> AccountId {
        let account = self.0.account().await;
        let now = self.0.ctx.env.now();
        let update = DataSetUpdate {
            account_id: account,
            region: self.0.region(),
            kind: SyncKind::Usage,
            status,
            fresh_at: None,
            covered_from: known.then_some(now - chrono::Duration::days(31)),
            covered_to: known.then_some(now),
            gaps: None,
            last_run_id: None,
            last_error: None,
            missing_permission: None,
            at: now,
        };
        data_set_put(&self.0.ctx.db, &update).await.unwrap();
        account
    }

    async fn pause(&self, paused: bool) {
        let (by_name, at) = ("somebody".to_owned(), self.0.ctx.env.now());
        let name = SyncUsageJob::NAME.to_owned();
        let update = ScheduleUpdate { name, period_secs: None, paused, by: None, by_name, at };
        schedule_put(&self.0.ctx.db, &update).await.unwrap();
    }
}

const WHOLE: Option<SyncOutcome> = Some(SyncOutcome::Whole);

both_databases! {
    async fn the_first_inventory_is_followed_by_a_read_of_usage(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::with(3, &WorkspaceState::Available)).await else { return };
        let trial = Trial(harness);
        // Its schedule has not ticked yet.
        let new = trial.0.account().await;
        assert_eq!(trial.read(new).await, (WHOLE, 1));
        // One waits: it is the one that everybody else would start, too.
        assert_eq!(trial.read(new).await, (WHOLE, 0));
        let actor = domain::access::Actor::system();
        let by_hand = sync_now(&trial.0.ctx, &actor, new, &[SyncKind::Usage]).await.unwrap();
        assert_eq!((by_hand.len(), trial.0.queued(SyncUsageJob::NAME).await), (1, 1));
        // It has ticked, and there was nothing to read.
        let empty = trial.account_with(DataSetStatus::Ok, false).await;
        assert_eq!(trial.read(empty).await, (WHOLE, 1));
        // What is known is read on by the schedule, whatever comes in.
        let known = trial.account_with(DataSetStatus::Partial, true).await;
        assert_eq!(trial.read(known).await, (WHOLE, 0));
        // A partial inventory brings WorkSpaces in as well; one that failed does not.
        trial.0.fleet.fail("workspaces:DescribeTags", denied("workspaces:DescribeTags"));
        let partial = trial.0.account().await;
        assert_eq!(trial.read(partial).await, (Some(SyncOutcome::Partial), 1));
        trial.0.fleet.fail("workspaces:DescribeWorkspaces", denied("workspaces:DescribeWorkspaces"));
        let failed = trial.0.account().await;
        assert_eq!(trial.read(failed).await, (None, 0));
    }

    async fn usage_is_not_read_where_nobody_wants_it(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::with(3, &WorkspaceState::Pending)).await else { return };
        let trial = Trial(harness);
        trial.pause(true).await;
        let denied = trial.account_with(DataSetStatus::Failed, false).await;
        assert_eq!(trial.read(denied).await, (WHOLE, 0), "its schedule is paused");
        trial.pause(false).await;
        assert_eq!(trial.read(denied).await, (WHOLE, 0), "CloudWatch may not be read: not again after each inventory");

        let off = trial.0.account().await;
        account_enabled_set(&trial.0.ctx.db, off, false, trial.0.ctx.env.now()).await.unwrap();
        let watched = trial.0.queued(WatchWorkspacesJob::NAME).await;
        assert_eq!(trial.read(off).await, (WHOLE, 0), "the account is switched off");
        assert_eq!(trial.0.queued(WatchWorkspacesJob::NAME).await, watched);

        trial.0.ctx.policy.change(|policy| policy.sync.enabled = false);
        let new = trial.0.account().await;
        assert_eq!(trial.read(new).await, (WHOLE, 0), "syncs are switched off");
    }
}

fn denied(operation: &str) -> CloudError {
    CloudError::Denied { operation: operation.to_owned(), permission: operation.to_owned() }
}
