//! The worker as a whole on a SQLite file: it picks up, cancels, hands back, ticks once. What needs Postgres, many
//! processes or `kill -9` is in the integration tests.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::account::{Access, AccountAccess};
use domain::cloud::{CloudConnector, CloudError, FleetApi};
use domain::env::{Clock, Env, Random};
use domain::ids::{AccountId, JobId, Region};
use domain::jobs::{AttemptOutcome, JobState};
use platform::config::Config;
use platform::events::EventBus;
use platform::shutdown::Shutdown;
use serde_json::json;
use services::Context;
use services::context::LivePolicy;
use services::identity::PasswordHasher;
use store::db::{Backend, connect};
use store::queue::{NewJob, cancel, enqueue, enqueue_many};
use store::repo::accounts::{NewAccount, account_insert};
use store::repo::jobs::{JobFilter, JobRecord, JobScope, job_attempts, job_count, job_fetch};
use store::test_database::TestDatabase;

use crate::{NoopJob, SleepEffectJob, WorkerDeps, run};

/// No AWS: no job here asks it.
struct Nowhere;

#[async_trait]
impl CloudConnector for Nowhere {
    async fn connect(&self, _: &AccountAccess, _: &Region) -> Result<Arc<dyn FleetApi>, CloudError> {
        Err(CloudError::Unauthenticated { operation: "sts:GetCallerIdentity".into(), reason: "none".into() })
    }
}

struct Trial {
    ctx: Context,
    config: Arc<Config>,
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl Trial {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::migrated(Backend::Sqlite).await.unwrap().unwrap();
        let db = connect(&database.options()).await.unwrap();
        let env = Env { clock: Clock::new(platform::os::now), random: Random::new(platform::os::fill_random) };
        let mut config = Config::default();
        config.worker.concurrency = 8;
        config.worker.drain_seconds = 4;
        let ctx = Context {
            db,
            cloud: Arc::new(Nowhere),
            bus: EventBus::new(None),
            passwords: PasswordHasher::with_memory(env.random.clone(), 64).unwrap(),
            outgoing: platform::http::guard::Guard::configured(&config),
            vault: platform::vault::Vault::with_keys(
                platform::vault::MasterKeys::single([7; 32]).unwrap(),
                Arc::new(platform::os::fill_random),
            ),
            mail: platform::mail::Mailer::in_memory(),
            artefacts: platform::artefacts::in_folder(folder.path().join("reports")),
            audit: services::audit::AuditLog::new(services::audit::AuditOptions {
                folder: folder.path().join("audit"),
                key_file: None,
            }),
            known: services::credentials::Known::default(),
            estimates: services::cost::KeptEstimates::default(),
            sso: services::oidc::SingleSignOn::default(),
            assistant: services::assistant::Assistant::default(),
            policy: LivePolicy::of(&config),
            env,
        };
        Self { ctx, config: Arc::new(config), _folder: folder, _database: database }
    }

    /// Starts a worker; the other half ends it and waits for its end.
    fn worker(&self) -> (Shutdown, tokio::task::JoinHandle<()>) {
        let shutdown = Shutdown::new();
        let deps = WorkerDeps { probe: true, ..WorkerDeps::new(self.config.clone(), self.ctx.clone()) };
        let running = run(deps, &shutdown);
        (shutdown, tokio::spawn(async move { running.await.unwrap() }))
    }

    async fn enqueue(&self, kind: &str, payload: serde_json::Value) -> JobId {
        enqueue(&self.ctx.db, &self.ctx.env, NewJob::new(kind, "trial", payload)).await.unwrap().id()
    }

    /// Waits until the job fits; the time-out only ends a test that would hang.
    async fn until(&self, id: JobId, fits: impl Fn(&JobRecord) -> bool) -> JobRecord {
        let look = async {
            loop {
                let job = job_fetch(&self.ctx.db, &JobScope::everything(), id).await.unwrap().unwrap();
                if fits(&job) {
                    return job;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), look).await.expect("the job did not get there")
    }

    async fn done(&self) -> u64 {
        let filter = JobFilter { states: vec![JobState::Done], kinds: vec![NoopJob::NAME.into()], account_ids: vec![] };
        job_count(&self.ctx.db, &JobScope::everything(), &filter).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_jobs_end_once_each_and_the_house_keeps_itself() {
    let trial = Trial::new().await;
    let jobs = (0..300).map(|_| NewJob::new(NoopJob::NAME, "nothing", json!({}))).collect();
    enqueue_many(&trial.ctx.db, &trial.ctx.env, jobs).await.unwrap();
    let (first, running) = trial.worker();
    let (second, also) = trial.worker();
    let last = trial.enqueue(NoopJob::NAME, json!({})).await;
    trial.until(last, |job| job.state == JobState::Done).await;
    while trial.done().await < 301 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(job_attempts(&trial.ctx.db, last).await.unwrap().len(), 1);
    let ticked = JobFilter { kinds: vec!["prune".into()], ..JobFilter::default() };
    while job_count(&trial.ctx.db, &JobScope::everything(), &ticked).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    first.trigger();
    second.trigger();
    running.await.unwrap();
    also.await.unwrap();
    assert_eq!(job_count(&trial.ctx.db, &JobScope::everything(), &ticked).await.unwrap(), 1, "two workers, one tick");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_and_a_draining_worker_hands_back() {
    let trial = Trial::new().await;
    let (shutdown, running) = trial.worker();
    let long = json!({ "milliseconds": 600_000 });
    let cancelled = trial.enqueue(SleepEffectJob::NAME, long.clone()).await;
    trial.until(cancelled, |job| job.state == JobState::Running).await;
    cancel(&trial.ctx.db, cancelled, trial.ctx.env.now()).await.unwrap();
    trial.until(cancelled, |job| job.state == JobState::Cancelled).await;

    let given_back = trial.enqueue(SleepEffectJob::NAME, long).await;
    let short = trial.enqueue(SleepEffectJob::NAME, json!({ "milliseconds": 700 })).await;
    for id in [given_back, short] {
        trial.until(id, |job| job.state == JobState::Running).await;
    }
    shutdown.trigger();
    running.await.unwrap();
    let job = trial.until(given_back, |job| job.state == JobState::Queued).await;
    assert_eq!((job.failed_attempts, job.worker), (0, None), "handing back costs no attempt");
    let attempts = job_attempts(&trial.ctx.db, given_back).await.unwrap();
    assert_eq!(attempts[0].outcome, Some(AttemptOutcome::HandedBack));
    trial.until(short, |job| job.state == JobState::Done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_kinds_are_left_to_others_and_damaged_jobs_say_why() {
    let trial = Trial::new().await;
    let unknown = trial.enqueue("never-heard-of", json!({})).await;
    let (shutdown, running) = trial.worker();
    let damaged = trial.enqueue("sync-workspaces", json!({ "account_id": 7 })).await;
    let job = trial.until(damaged, |job| job.state == JobState::Dead).await;
    assert!(job.error.unwrap().contains("payload"));
    let job = trial.until(unknown, |_| true).await;
    assert_eq!((job.state, job.failed_attempts), (JobState::Queued, 0));
    shutdown.trigger();
    running.await.unwrap();
}

/// An AWS that never answers.
struct Silent;

#[async_trait]
impl CloudConnector for Silent {
    async fn connect(&self, _: &AccountAccess, _: &Region) -> Result<Arc<dyn FleetApi>, CloudError> {
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_aws_is_cut_off_when_it_is_cancelled() {
    let mut trial = Trial::new().await;
    trial.ctx.cloud = Arc::new(Silent);
    let account = NewAccount {
        id: AccountId(trial.ctx.env.new_id()),
        name: "silent".into(),
        access: Access::Chain,
        endpoint_url: None,
        regions: vec![],
        at: trial.ctx.env.now(),
    };
    account_insert(&trial.ctx.db, &account).await.unwrap();
    let (shutdown, running) = trial.worker();
    let sync = trial.enqueue("sync-workspaces", json!({ "account_id": account.id, "region": "eu-west-1" })).await;
    trial.until(sync, |job| job.state == JobState::Running).await;
    cancel(&trial.ctx.db, sync, trial.ctx.env.now()).await.unwrap();
    let job = trial.until(sync, |job| job.state == JobState::Cancelled).await;
    assert_eq!((job.failed_attempts, job.worker), (0, None));
    shutdown.trigger();
    running.await.unwrap();
}
