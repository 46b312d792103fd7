//! Images against a fake AWS: whole, in pages, gone, denied.

use domain::access::Scope;
use domain::cloud::CloudError;
use domain::ids::AccountId;
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome};
use store::Backend;
use store::repo::data_sets::data_set_fetch;
use store::repo::workspaces::{PlaceQuery, image_page};

use super::*;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

struct Trial {
    harness: Harness,
    account: AccountId,
}

fn image(number: usize) -> ObservedImage {
    ObservedImage {
        aws_id: format!("wsi-{number:09}"),
        name: format!("Image {number:02}"),
        description: None,
        operating_system: Some("LINUX".to_owned()),
        state: "AVAILABLE".to_owned(),
        required_tenancy: None,
        owner_account_id: Some("123456789012".to_owned()),
        created_at: None,
        update_available: None,
        error_code: None,
        error_message: None,
    }
}

impl Trial {
    async fn on(backend: Backend, images: usize) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::default()).await?;
        harness.fleet.change(|s| s.images = (0..images).map(image).collect());
        let account = harness.account().await;
        Some(Self { harness, account })
    }

    async fn sync(&self) -> Result<SyncDone, JobError> {
        let job = SyncImagesJob { account_id: self.account, region: self.harness.region() };
        let run = RecordedRun::new(self.harness.job_id());
        sync_images(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &job, &run).await
    }

    async fn known(&self) -> Vec<ObservedImage> {
        let query = PlaceQuery { limit: 100, ..PlaceQuery::default() };
        let page = image_page(&self.harness.ctx.db, &Scope::Everything, &query).await.unwrap();
        page.rows.into_iter().map(|row| row.place.image).collect()
    }
}

both_databases! {
    async fn all_pages_come_in_and_what_went_is_forgotten(backend) {
        let Some(trial) = Trial::on(backend, 30).await else { return };
        let done = trial.sync().await.unwrap();
        let report = &done.report;
        assert_eq!((done.outcome, report.items_read, report.items_written, report.gone), (SyncOutcome::Whole, 30, 30, 0));
        assert_eq!(report.aws_calls, 2, "25 a page");
        assert_eq!(trial.known().await, (0..30).map(image).collect::<Vec<_>>());

        trial.harness.fleet.change(|s| {
            s.images.truncate(2);
            s.images[1].state = "ERROR".to_owned();
        });
        let report = trial.sync().await.unwrap().report;
        assert_eq!((report.items_read, report.items_written, report.gone), (2, 1, 28));
        let states: Vec<_> = trial.known().await.into_iter().map(|image| image.state).collect();
        assert_eq!(states, ["AVAILABLE", "ERROR"]);
    }

    async fn what_is_denied_is_named_and_keeps_what_is_known(backend) {
        let Some(trial) = Trial::on(backend, 1).await else { return };
        trial.sync().await.unwrap();
        trial.harness.fleet.fail(OPERATION, CloudError::Denied { operation: OPERATION.into(), permission: OPERATION.into() });
        assert!(matches!(trial.sync().await, Err(JobError::Fail { .. })));
        assert_eq!(trial.known().await.len(), 1, "not read is not gone");
        let region = trial.harness.region();
        let set = data_set_fetch(&trial.harness.ctx.db, trial.account, &region, SyncKind::Images).await.unwrap();
        assert_eq!((set.status, set.missing_permission.as_deref()), (DataSetStatus::Failed, Some(OPERATION)));
    }
}
