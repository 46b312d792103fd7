//! Directories against a fake AWS: whole, gone, without their stage, denied.

use std::sync::Arc;

use domain::access::Scope;
use domain::cloud::CloudError;
use domain::ids::AccountId;
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome};
use store::Backend;
use store::repo::data_sets::{DataSetRecord, data_set_fetch};
use store::repo::inventory::{DirectoryRecord, directory_list};

use super::*;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

struct Trial {
    harness: Harness,
    account: AccountId,
}

impl Trial {
    async fn on(backend: Backend) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::default()).await?;
        let account = harness.account().await;
        Some(Self { harness, account })
    }

    async fn sync(&self) -> Result<SyncDone, JobError> {
        let job = SyncDirectoriesJob { account_id: self.account, region: self.harness.region() };
        let run = RecordedRun::new(self.harness.job_id());
        sync_directories(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &job, &run).await
    }

    async fn known(&self) -> DirectoryRecord {
        directory_list(&self.harness.ctx.db, &Scope::Everything, None).await.unwrap().remove(0)
    }

    async fn data_set(&self) -> DataSetRecord {
        let region = self.harness.region();
        data_set_fetch(&self.harness.ctx.db, self.account, &region, SyncKind::Directories).await.unwrap()
    }
}

both_databases! {
    async fn a_directory_that_vanished_is_marked_and_comes_back(backend) {
        let Some(trial) = Trial::on(backend).await else { return };
        let begun = trial.harness.ctx.env.now();
        let done = trial.sync().await.unwrap();
        let report = &done.report;
        assert_eq!((done.outcome, report.items_read, report.items_written, report.gone), (SyncOutcome::Whole, 1, 1, 0));
        let known = trial.known().await;
        assert_eq!((known.state.as_str(), known.stage.as_deref()), ("REGISTERED", Some("Active")));
        let set = trial.data_set().await;
        assert_eq!((set.status, set.fresh_at, set.last_run_id), (DataSetStatus::Ok, Some(begun), Some(done.run_id)));

        trial.harness.fleet.change(|s| s.no_directories = true);
        assert_eq!(trial.sync().await.unwrap().report.gone, 1);
        assert_eq!(trial.known().await.state, "DEREGISTERED");
        assert_eq!(trial.sync().await.unwrap().report.gone, 0, "it is told once");

        trial.harness.fleet.change(|s| s.no_directories = false);
        assert_eq!(trial.sync().await.unwrap().report.items_written, 1);
        assert_eq!(trial.known().await.state, "REGISTERED");
    }

    async fn what_is_denied_is_named_and_hides_nothing(backend) {
        let Some(trial) = Trial::on(backend).await else { return };
        trial.sync().await.unwrap();
        let begun = trial.data_set().await.fresh_at;
        trial.harness.advance(3600);
        let denied = |call: &str| CloudError::Denied { operation: call.into(), permission: call.into() };
        trial.harness.fleet.fail(STAGES, denied(STAGES));
        assert_eq!(trial.sync().await.unwrap().outcome, SyncOutcome::Partial);
        let set = trial.data_set().await;
        assert_eq!((set.status, set.fresh_at), (DataSetStatus::Partial, begun));
        assert_eq!(set.missing_permission.as_deref(), Some(STAGES));
        assert_eq!(trial.known().await.stage.as_deref(), Some("Active"), "a stage that is not known now stays");

        trial.harness.fleet.fail(DIRECTORIES, denied(DIRECTORIES));
        assert!(matches!(trial.sync().await, Err(JobError::Fail { .. })));
        assert_eq!(trial.known().await.state, "REGISTERED", "not read is not gone");
        let set = trial.data_set().await;
        assert_eq!((set.status, set.missing_permission.as_deref()), (DataSetStatus::Failed, Some(DIRECTORIES)));
    }
}
