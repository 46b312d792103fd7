//! Connection states against a fake AWS: whole, broken off and taken up beside a run of the inventory, unknown WorkSpaces.

use std::sync::Arc;

use domain::access::Scope;
use domain::cloud::CloudError;
use domain::ids::AccountId;
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome};
use domain::workspace::WorkspaceState;
use store::Backend;
use store::repo::data_sets::data_set_fetch;
use store::repo::sync_runs::{sync_run_fetch, sync_run_latest};

use super::*;
use crate::sync::{SyncWorkspacesJob, sync_workspaces};
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

struct Trial {
    harness: Harness,
    account: AccountId,
}

impl Trial {
    /// A fleet that is known.
    async fn on(backend: Backend, count: usize) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::with(count, &WorkspaceState::Available)).await?;
        let account = harness.account().await;
        let trial = Self { harness, account };
        trial.inventory().await;
        Some(trial)
    }

    async fn inventory(&self) {
        let job = SyncWorkspacesJob { account_id: self.account, region: self.harness.region() };
        let run = RecordedRun::new(self.harness.job_id());
        sync_workspaces(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &job, &run).await.unwrap();
    }

    async fn attempt(&self, run: &RecordedRun) -> Result<SyncDone, JobError> {
        let job = SyncConnectionsJob { account_id: self.account, region: self.harness.region() };
        sync_connections(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &job, run).await
    }

    fn run(&self) -> RecordedRun {
        RecordedRun::new(self.harness.job_id())
    }
}

both_databases! {
    async fn states_come_in_and_strangers_are_counted_as_skipped(backend) {
        let Some(trial) = Trial::on(backend, 60).await else { return };
        trial.harness.fleet.change(|s| s.strangers = 5);
        let done = trial.attempt(&trial.run()).await.unwrap();
        let report = &done.report;
        assert_eq!((done.outcome, report.items_read, report.connections, report.skipped), (SyncOutcome::Whole, 65, 65, 5));
        assert_eq!(report.aws_calls, 3);
        let (db, region) = (&trial.harness.ctx.db, trial.harness.region());
        let set = data_set_fetch(db, trial.account, &region, SyncKind::Connections).await.unwrap();
        assert_eq!((set.status, set.last_run_id), (DataSetStatus::Ok, Some(done.run_id)));
    }

    async fn a_run_that_broke_off_goes_on_and_other_data_sets_leave_it_open(backend) {
        let Some(trial) = Trial::on(backend, 100).await else { return };
        let throttled = CloudError::Throttled { operation: OPERATION.into() };
        trial.harness.fleet.change(|s| s.connection_faults.insert(50, throttled));
        let run = trial.run();
        assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
        let db = &trial.harness.ctx.db;
        let open = sync_run_latest(db, &Scope::Everything, SyncKind::Connections).await.unwrap().remove(0);
        assert_eq!((open.outcome, open.report.items_read), (SyncOutcome::Running, 50));
        // A run of the inventory in the same place, from its beginning to its end.
        trial.inventory().await;
        assert_eq!(sync_run_fetch(db, open.id).await.unwrap().unwrap(), open);
        let done = trial.attempt(&run).await.unwrap();
        assert_eq!((done.run_id, done.outcome, done.report.items_read), (open.id, SyncOutcome::Whole, 100));
        assert!(done.report.problems.is_empty(), "{:?}", done.report.problems);
    }

    async fn the_run_that_a_dead_job_left_is_closed_by_the_next_of_its_kind(backend) {
        let Some(trial) = Trial::on(backend, 60).await else { return };
        let throttled = CloudError::Throttled { operation: OPERATION.into() };
        trial.harness.fleet.change(|s| s.connection_faults.insert(25, throttled));
        trial.attempt(&trial.run()).await.unwrap_err();
        let db = &trial.harness.ctx.db;
        let left = sync_run_latest(db, &Scope::Everything, SyncKind::Connections).await.unwrap().remove(0);
        let done = trial.attempt(&trial.run()).await.unwrap();
        assert_ne!(done.run_id, left.id);
        assert_eq!(sync_run_fetch(db, left.id).await.unwrap().unwrap().outcome, SyncOutcome::Failed);
    }

    async fn a_token_that_aws_forgot_means_beginning_again(backend) {
        let Some(trial) = Trial::on(backend, 60).await else { return };
        trial.harness.fleet.change(|s| {
            s.connection_faults.insert(25, CloudError::Throttled { operation: OPERATION.into() });
        });
        let run = trial.run();
        trial.attempt(&run).await.unwrap_err();
        trial.harness.fleet.change(|s| {
            let (operation, code) = (OPERATION.into(), "InvalidParameterValuesException".into());
            s.connection_faults.insert(25, CloudError::Refused { operation, code, reason: "expired".into() });
        });
        let done = trial.attempt(&run).await.unwrap();
        assert_eq!((done.outcome, done.report.items_read, done.report.connections), (SyncOutcome::Whole, 60, 60));
    }
}
