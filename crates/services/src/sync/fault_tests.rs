//! What goes wrong around a run, on both databases: a worker that lost its job, a run that was ended by somebody else, a write
//! that fails, two who enqueue at once.

use std::sync::Arc;

use domain::access::{Actor, Scope};
use domain::cloud::CloudError;
use domain::ids::{AccountId, Region};
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome};
use domain::workspace::WorkspaceState;
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::Backend;
use store::queue::{Finish, NewJob, claim, enqueue, finish_many, reap_orphans};
use store::repo::accounts::{RegionStatus, account_fetch, account_region_set};
use store::repo::data_sets::data_set_fetch;
use store::repo::events::events_append;
use store::repo::sync_runs::{self, SyncRunRecord};
use tokio::sync::Notify;

use super::{
    SyncConnectionsJob, SyncDone, SyncWorkspacesJob, close_run, sync_connections, sync_job, sync_now, sync_workspaces,
};
use crate::jobs::cancel_job;
use crate::run::{JobError, RunHandle};
use crate::testing::{ClaimedRun, FakeFleet, Harness, RecordedRun, both_databases};

const PAGES: &str = "workspaces:DescribeWorkspaces";

struct Trial {
    harness: Harness,
    account: AccountId,
}

impl Trial {
    async fn on(backend: Backend, count: usize) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::with(count, &WorkspaceState::Available)).await?;
        let account = harness.account().await;
        Some(Self { harness, account })
    }

    fn job(&self) -> SyncWorkspacesJob {
        SyncWorkspacesJob { account_id: self.account, region: self.harness.region() }
    }

    async fn attempt(&self, run: &dyn RunHandle) -> Result<SyncDone, JobError> {
        sync_workspaces(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &self.job(), run).await
    }

    /// An attempt by another worker, which the test goes on beside.
    fn beside(&self, run: impl RunHandle + 'static) -> tokio::task::JoinHandle<Result<SyncDone, JobError>> {
        let (ctx, fleet, job) = (self.harness.ctx.clone(), self.harness.fleet.clone(), self.job());
        tokio::spawn(async move { sync_workspaces(&ctx, Arc::new(fleet), &job, &run).await })
    }

    async fn enqueue(&self) {
        let ctx = &self.harness.ctx;
        let account = account_fetch(&ctx.db, &Scope::Everything, self.account).await.unwrap().unwrap();
        let job = sync_job(&account, &self.harness.region(), SyncKind::Workspaces);
        enqueue(&ctx.db, &ctx.env, job).await.unwrap();
    }

    async fn claim(&self, worker: &str) -> ClaimedRun {
        let ctx = &self.harness.ctx;
        let claimed = claim(&ctx.db, worker, &[], 1, ctx.env.now()).await.unwrap().pop().expect("a job is due");
        ClaimedRun(claimed.lease)
    }

    async fn run_row(&self) -> SyncRunRecord {
        sync_runs::sync_run_latest(&self.harness.ctx.db, &Scope::Everything, SyncKind::Workspaces)
            .await
            .unwrap()
            .remove(0)
    }

    /// Waits until the run has written so many WorkSpaces.
    async fn until_seen(&self, count: u64) {
        loop {
            let runs = sync_runs::sync_run_latest(&self.harness.ctx.db, &Scope::Everything, SyncKind::Workspaces)
                .await
                .unwrap();
            if runs.first().is_some_and(|run| run.report.seen >= count) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn region_status(&self) -> String {
        let account = account_fetch(&self.harness.ctx.db, &Scope::Everything, self.account).await.unwrap().unwrap();
        account.regions[0].status.clone()
    }

    async fn sql(&self, postgres: &str, sqlite: &str) {
        let db = &self.harness.ctx.db;
        let sql = if db.backend() == Backend::Postgres { postgres } else { sqlite };
        db.execute_unprepared(sql).await.unwrap();
    }

    /// From now on no row gets into the table of which this is true.
    async fn refuse(&self, table: &str, when: &str) {
        self.sql(
            &format!(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN IF {when} THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$; \
                 CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
            ),
            &format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'refused'); END"
            ),
        )
        .await;
    }

    /// From now on no transaction that puts a row into the table can be committed.
    async fn refuse_commit(&self, table: &str) {
        let tables = "CREATE TABLE nobody (id INTEGER PRIMARY KEY); \
                      CREATE TABLE dangling (id INTEGER REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED);";
        let insert = "INSERT INTO dangling VALUES (1);";
        self.sql(
            &format!(
                "{tables} CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN {insert} RETURN NULL; END $$; \
                 CREATE TRIGGER refuse AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
            ),
            &format!("{tables} CREATE TRIGGER refuse AFTER INSERT ON {table} BEGIN {insert} END"),
        )
        .await;
    }

    async fn allow(&self, table: &str) {
        self.sql(&format!("DROP TRIGGER refuse ON {table}"), "DROP TRIGGER refuse").await;
    }
}

fn throttled() -> CloudError {
    CloudError::Throttled { operation: PAGES.into() }
}

both_databases! {
    async fn a_worker_that_lost_its_job_writes_no_more(backend) {
        let Some(trial) = Trial::on(backend, 600).await else { return };
        let ctx = &trial.harness.ctx;
        trial.enqueue().await;
        // The first worker stands still in the middle of the pages.
        let gate: Arc<Notify> = trial.harness.fleet.hold(500);
        let frozen = trial.beside(trial.claim("first").await);
        trial.until_seen(500).await;
        trial.harness.advance(60);
        let now = ctx.env.now();
        let reaped = reap_orphans(&ctx.db, now - chrono::Duration::seconds(10), now).await.unwrap();
        assert_eq!(reaped.requeued.len(), 1);
        // The second goes on, and breaks off too: the run stays open.
        trial.harness.fleet.change(|s| s.page_faults.insert(550, throttled()));
        let second = trial.claim("second").await;
        assert!(matches!(trial.attempt(&second).await, Err(JobError::Retry { .. })));
        let left = trial.run_row().await;
        assert_eq!((left.outcome, left.report.seen), (SyncOutcome::Running, 550));
        // The first wakes up.
        gate.notify_one();
        assert!(matches!(frozen.await.unwrap(), Err(JobError::Cancelled)));
        assert_eq!(trial.run_row().await, left, "it has written nothing");
        let done = trial.attempt(&second).await.unwrap();
        assert_eq!((done.outcome, done.report.seen, done.report.gone), (SyncOutcome::Whole, 600, 0));
        assert_eq!(trial.harness.count(false).await, 600);
    }

    async fn a_run_that_was_ended_by_somebody_else_leaves_the_status_of_the_region(backend) {
        let Some(trial) = Trial::on(backend, 600).await else { return };
        let ctx = &trial.harness.ctx;
        let gate = trial.harness.fleet.hold(500);
        let run = RecordedRun::new(trial.harness.job_id());
        let id = run.id;
        let frozen = trial.beside(run);
        trial.until_seen(500).await;
        close_run(ctx, id, "its worker vanished").await.unwrap();
        assert_eq!(trial.region_status().await, "partial", "a run that was closed tells how it left the region");
        let set = data_set_fetch(&ctx.db, trial.account, &trial.harness.region(), SyncKind::Workspaces).await.unwrap();
        assert_eq!((set.status, set.last_error.as_deref()), (DataSetStatus::Partial, Some("its worker vanished")));
        let at = ctx.env.now();
        let ok = RegionStatus { status: "ok".into(), last_error: None, missing_permission: None, at, whole: true };
        account_region_set(&ctx.db, trial.account, &trial.harness.region(), &ok).await.unwrap();
        gate.notify_one();
        assert!(matches!(frozen.await.unwrap(), Err(JobError::Cancelled)));
        assert_eq!(trial.region_status().await, "ok");
        assert_eq!(trial.run_row().await.outcome, SyncOutcome::Partial);
    }

    async fn a_batch_that_could_not_be_written_is_read_again(backend) {
        let Some(trial) = Trial::on(backend, 600).await else { return };
        trial.attempt(&RecordedRun::new(trial.harness.job_id())).await.unwrap();
        trial.harness.advance(300);
        // All of them differ, so that all are written again.
        trial.harness.fleet.change(|s| s.workspaces.values_mut().for_each(|one| one.computer_name = Some("X".into())));
        trial.refuse("workspace", "NEW.aws_id = 'ws-000000510'").await;
        let run = RecordedRun::new(trial.harness.job_id());
        assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
        assert!(trial.run_row().await.report.seen <= 500);
        trial.allow("workspace").await;
        let done = trial.attempt(&run).await.unwrap();
        assert_eq!((done.outcome, done.report.seen, done.report.gone), (SyncOutcome::Whole, 600, 0));
        assert_eq!((trial.harness.count(false).await, trial.harness.count(true).await), (600, 0));
    }

    async fn tags_that_could_not_be_written_are_not_counted(backend) {
        let Some(trial) = Trial::on(backend, 30).await else { return };
        trial.harness.fleet.change(|s| {
            s.tags = s.workspaces.keys().map(|id| (id.clone(), [("team".to_owned(), "a".to_owned())].into())).collect();
        });
        trial.refuse_commit("workspace_tag").await;
        let run = RecordedRun::new(trial.harness.job_id());
        assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
        assert_eq!(trial.run_row().await.report.tags_read, 0);
        trial.allow("workspace_tag").await;
        let done = trial.attempt(&run).await.unwrap();
        assert_eq!((done.outcome, done.report.tags_read), (SyncOutcome::Whole, 30));
    }

    async fn a_sync_now_and_a_tick_of_the_schedule_don_t_wait_for_each_other(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let regions: Vec<Region> = ["eu-central-1", "eu-west-1"].map(|region| region.parse().unwrap()).into();
        let account = harness.account_in(regions.clone()).await;
        let ctx = &harness.ctx;
        let ticked = enqueue(&ctx.db, &ctx.env, NewJob::new("tick", "a tick", json!({}))).await.unwrap().id();
        // A tick has put its job in, for the second region, and not told yet.
        let key = SyncWorkspacesJob { account_id: account, region: regions[1].clone() }.unique_key();
        let tick = ctx.db.begin().await.unwrap();
        let hex = ticked.0.simple();
        let id = if backend == Backend::Postgres { format!("'{}'", ticked.0) } else { format!("x'{hex}'") };
        tick.execute_unprepared(&format!("UPDATE job SET unique_key = '{key}' WHERE id = {id}")).await.unwrap();
        let asking = ctx.clone();
        let asked = tokio::spawn(async move {
            sync_now(&asking, &Actor::system(), account, &[SyncKind::Workspaces]).await
        });
        // On SQLite it waits for its turn to write; on Postgres for the tick's key.
        let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        if backend == Backend::Postgres {
            let sql = || sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, waits);
            while ctx.db.query_one_raw(sql()).await.unwrap().is_none() {
                tokio::task::yield_now().await;
            }
        }
        let told = [domain::event::Event::Account { id: account }];
        events_append(&tick, ctx.env.now(), &told).await.expect("the tick is told without a deadlock");
        tick.commit().await.unwrap();
        let jobs = asked.await.unwrap().expect("the syncs are put in without a deadlock");
        assert_eq!((jobs.len(), jobs[1]), (2, ticked), "in the order of the regions, one of them the tick's");
    }

    async fn a_sync_that_is_cancelled_while_it_waits_for_its_next_attempt_is_closed(backend) {
        let Some(trial) = Trial::on(backend, 60).await else { return };
        let ctx = &trial.harness.ctx;
        trial.enqueue().await;
        trial.harness.fleet.change(|s| s.page_faults.insert(25, throttled()));
        let run = trial.claim("worker").await;
        assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
        let retry = Finish::Retry { error: "throttled".into() };
        finish_many(&ctx.db, &ctx.env, &[(run.0.clone(), retry)]).await.unwrap();
        assert_eq!(trial.run_row().await.outcome, SyncOutcome::Running);
        cancel_job(ctx, &Actor::system(), run.0.id).await.unwrap();
        let row = trial.run_row().await;
        assert_eq!((row.outcome, row.report.seen, row.checkpoint), (SyncOutcome::Cancelled, 25, None));
        assert_eq!(row.report.problems[0].code, "throttled");
    }

    async fn what_has_not_moved_for_half_an_hour_begins_no_new_watch(backend) {
        let Some(trial) = Trial::on(backend, 3).await else { return };
        let put = |id: &str, state: WorkspaceState| {
            trial.harness.fleet.change(|s| s.workspaces.get_mut(id).unwrap().state = state);
        };
        let sync = async || trial.attempt(&RecordedRun::new(trial.harness.job_id())).await.unwrap();
        put("ws-000000001", WorkspaceState::Stopping);
        sync().await;
        assert_eq!(trial.harness.queued("watch-workspaces").await, 1);
        trial.harness.advance(31 * 60);
        sync().await;
        assert_eq!(trial.harness.queued("watch-workspaces").await, 1, "it is stuck; the whole sync looks at it anyway");
        put("ws-000000002", WorkspaceState::Starting);
        sync().await;
        assert_eq!(trial.harness.queued("watch-workspaces").await, 2);
    }

    async fn what_is_read_again_is_counted_once(backend) {
        let Some(trial) = Trial::on(backend, 60).await else { return };
        trial.attempt(&RecordedRun::new(trial.harness.job_id())).await.unwrap();
        // Every page is read and written, and then the end can't be.
        trial.refuse("data_set", "NEW.kind = 'sync-connection-status'").await;
        let job = SyncConnectionsJob { account_id: trial.account, region: trial.harness.region() };
        let run = RecordedRun::new(trial.harness.job_id());
        let attempt = || sync_connections(&trial.harness.ctx, Arc::new(trial.harness.fleet.clone()), &job, &run);
        assert!(matches!(attempt().await, Err(JobError::Retry { .. })));
        trial.allow("data_set").await;
        let done = attempt().await.unwrap();
        assert_eq!((done.outcome, done.report.items_read, done.report.connections), (SyncOutcome::Whole, 60, 60));
    }
}
