//! Quotas against a fake AWS: whole, raised, gone, denied, and beside an inventory that goes on without them.

use domain::access::Scope;
use domain::cloud::CloudError;
use domain::ids::AccountId;
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome};
use domain::workspace::{QUOTA_NEARLY_PERCENT, WorkspaceState};
use store::Backend;
use store::repo::data_sets::data_set_fetch;
use store::repo::workspaces::{PlaceQuery, quota_count, quota_page};

use super::*;
use crate::sync::{SyncWorkspacesJob, sync_workspaces};
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

struct Trial {
    harness: Harness,
    account: AccountId,
}

fn quota(code: &str, name: &str, value: i64) -> ObservedQuota {
    let (code, name) = (code.to_owned(), name.to_owned());
    ObservedQuota { code, name, value: Some(value), adjustable: true, global: false }
}

impl Trial {
    /// Eight WorkSpaces, and quotas.
    async fn on(backend: Backend) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::with(8, &WorkspaceState::Available)).await?;
        harness.fleet.change(|s| s.quotas = vec![quota("L-34278094", "WorkSpaces", 10), quota("L-1", "Images", 40)]);
        let account = harness.account().await;
        Some(Self { harness, account })
    }

    async fn sync(&self) -> Result<SyncDone, JobError> {
        let job = SyncQuotasJob { account_id: self.account, region: self.harness.region() };
        let run = RecordedRun::new(self.harness.job_id());
        sync_quotas(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &job, &run).await
    }

    async fn inventory(&self) -> SyncOutcome {
        let job = SyncWorkspacesJob { account_id: self.account, region: self.harness.region() };
        let run = RecordedRun::new(self.harness.job_id());
        let api = Arc::new(self.harness.fleet.clone());
        sync_workspaces(&self.harness.ctx, api, &job, &run).await.unwrap().outcome
    }

    /// Code, value and what is used.
    async fn known(&self) -> Vec<(String, Option<i64>, u64)> {
        let query = PlaceQuery { limit: 100, ..PlaceQuery::default() };
        let page = quota_page(&self.harness.ctx.db, &Scope::Everything, &query).await.unwrap();
        page.rows.into_iter().map(|row| (row.place.quota.code, row.place.quota.value, row.workspaces)).collect()
    }
}

both_databases! {
    async fn values_come_in_and_what_is_used_is_counted(backend) {
        let Some(trial) = Trial::on(backend).await else { return };
        assert_eq!(trial.inventory().await, SyncOutcome::Whole);
        let done = trial.sync().await.unwrap();
        assert_eq!((done.outcome, done.report.items_read, done.report.items_written), (SyncOutcome::Whole, 2, 2));
        assert_eq!(trial.known().await, [("L-1".to_owned(), Some(40), 0), ("L-34278094".to_owned(), Some(10), 8)]);
        let nearly = async || quota_count(&trial.harness.ctx.db, &Scope::Everything, QUOTA_NEARLY_PERCENT).await.unwrap();
        assert_eq!(nearly().await, 1);

        trial.harness.fleet.change(|s| s.quotas = vec![quota("L-34278094", "WorkSpaces", 500)]);
        let report = trial.sync().await.unwrap().report;
        assert_eq!((report.items_written, report.gone), (1, 1));
        assert_eq!(trial.known().await, [("L-34278094".to_owned(), Some(500), 8)]);
        assert_eq!(nearly().await, 0);
    }

    async fn without_the_permission_all_else_goes_on(backend) {
        let Some(trial) = Trial::on(backend).await else { return };
        trial.harness.fleet.fail(OPERATION, CloudError::Denied { operation: OPERATION.into(), permission: OPERATION.into() });
        assert!(matches!(trial.sync().await, Err(JobError::Fail { .. })));
        assert_eq!(trial.inventory().await, SyncOutcome::Whole);
        let (db, region) = (&trial.harness.ctx.db, trial.harness.region());
        let set = data_set_fetch(db, trial.account, &region, SyncKind::Quotas).await.unwrap();
        assert_eq!((set.status, set.missing_permission.as_deref()), (DataSetStatus::Failed, Some(OPERATION)));
        let set = data_set_fetch(db, trial.account, &region, SyncKind::Workspaces).await.unwrap();
        assert_eq!((set.status, set.missing_permission), (DataSetStatus::Ok, None));
    }
}
