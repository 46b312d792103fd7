//! Ticks, with a clock that stands until it is moved: three schedulers on one database, changed periods, pauses.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::account::{Access, AccountAccess};
use domain::cloud::{CloudConnector, CloudError, FleetApi};
use domain::env::{Clock, Env, Random};
use domain::ids::{AccountId, Region, UserId};
use domain::jobs::JobState;
use domain::sync::SyncKind;
use platform::config::Config;
use services::LivePolicy;
use services::identity::PasswordHasher;
use store::db::{Backend, connect};
use store::queue::cancel;
use store::repo::accounts::{NewAccount, account_insert};
use store::repo::jobs::{JobFilter, JobQuery, JobScope, job_list};
use store::repo::schedules::{ScheduleUpdate, schedule_put};
use store::test_database::TestDatabase;

use super::*;

/// No AWS: nothing runs here.
struct Nowhere;

#[async_trait]
impl CloudConnector for Nowhere {
    async fn connect(&self, _: &AccountAccess, _: &Region) -> Result<Arc<dyn FleetApi>, CloudError> {
        Err(CloudError::Unauthenticated { operation: "sts:GetCallerIdentity".into(), reason: "none".into() })
    }
}

struct Trial {
    ctx: Context,
    now: Arc<Mutex<DateTime<Utc>>>,
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl Trial {
    /// At 12:00 exactly, with as many accounts of one region.
    async fn new(accounts: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::migrated(Backend::Sqlite).await.unwrap().unwrap();
        let db = connect(&database.options()).await.unwrap();
        let now = Arc::new(Mutex::new("2026-03-01T12:00:00Z".parse().unwrap()));
        let clock = now.clone();
        let env =
            Env { clock: Clock::new(move || *clock.lock().unwrap()), random: Random::new(platform::os::fill_random) };
        let config = Config::default();
        let ctx = Context {
            db,
            cloud: Arc::new(Nowhere),
            bus: platform::events::EventBus::new(None),
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
        let trial = Self { ctx, now, _folder: folder, _database: database };
        for number in 0..accounts {
            trial.account(&format!("account {number}")).await;
        }
        trial
    }

    async fn account(&self, name: &str) {
        let account = NewAccount {
            id: AccountId(self.ctx.env.new_id()),
            name: name.to_owned(),
            access: Access::Chain,
            endpoint_url: None,
            regions: vec!["eu-west-1".parse().unwrap()],
            at: self.ctx.env.now(),
        };
        account_insert(&self.ctx.db, &account).await.unwrap();
    }

    fn advance(&self, seconds: i64) {
        *self.now.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    async fn look(&self, made: &mut Made) {
        look(&self.ctx, made).await.unwrap();
    }

    async fn change(&self, name: &str, period_secs: Option<u32>, paused: bool) {
        let update = ScheduleUpdate {
            name: name.to_owned(),
            period_secs,
            paused,
            by: Some(UserId(self.ctx.env.new_id())),
            by_name: "ann@example.com".to_owned(),
            at: self.ctx.env.now(),
        };
        schedule_put(&self.ctx.db, &update).await.unwrap();
    }

    /// Jobs of that kind that wait; they are ended, so that the next tick starts others.
    async fn take(&self, kind: &str) -> usize {
        let filter =
            JobFilter { states: vec![JobState::Queued], kinds: vec![kind.to_owned()], account_ids: Vec::new() };
        let query = JobQuery { filter, cursor: None, limit: 1000 };
        let jobs = job_list(&self.ctx.db, &JobScope::everything(), &query).await.unwrap().rows;
        for job in &jobs {
            cancel(&self.ctx.db, job.id, self.ctx.env.now()).await.unwrap();
        }
        jobs.len()
    }

    /// The time of day of a schedule's newest tick.
    async fn newest(&self, kind: &str) -> Option<String> {
        let ticks = schedule_last_ticks(&self.ctx.db).await.unwrap();
        let mine = ticks.iter().filter(|tick| tick.name == kind || tick.name.starts_with(&format!("{kind}:")));
        mine.map(|tick| tick.tick).max().map(|at| at.format("%H:%M:%S").to_string())
    }
}

const USAGE: &str = "sync-usage";

#[tokio::test]
async fn three_schedulers_make_each_tick_once() {
    let trial = Trial::new(2).await;
    trial.change(USAGE, Some(5), false).await;
    let (mut one, mut two, mut three) = (Made::default(), Made::default(), Made::default());
    for round in 0..40 {
        // They look at the same moment, some more than once.
        tokio::join!(trial.look(&mut one), trial.look(&mut two), trial.look(&mut three));
        trial.look(&mut two).await;
        assert_eq!(trial.take(USAGE).await, 2, "round {round}: one for each place");
        trial.look(&mut one).await;
        assert_eq!(trial.take(USAGE).await, 0, "round {round}: and no more");
        trial.advance(5);
    }
    // One that begins anew, knowing nothing of this.
    trial.advance(-5);
    trial.look(&mut Made::default()).await;
    assert_eq!(trial.take(USAGE).await, 0);
}

#[tokio::test]
async fn a_new_account_gets_everything_at_once() {
    let trial = Trial::new(0).await;
    let mut made = Made::default();
    trial.look(&mut made).await;
    for kind in SyncKind::ALL {
        assert_eq!(trial.take(kind.as_str()).await, 0, "{kind}");
    }
    assert_eq!(trial.take("prune").await, 1);
    trial.advance(7);
    trial.account("new").await;
    trial.look(&mut made).await;
    for kind in SyncKind::ALL {
        assert_eq!(trial.take(kind.as_str()).await, 1, "{kind}");
    }
}

#[tokio::test]
async fn another_period_holds_at_once_and_brings_nothing_twice() {
    let trial = Trial::new(1).await;
    let mut made = Made::default();
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 1);
    // Shorter: from three hours to a minute.
    trial.advance(90);
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 0);
    trial.change(USAGE, Some(60), false).await;
    trial.look(&mut made).await;
    assert_eq!((trial.take(USAGE).await, trial.newest(USAGE).await.as_deref()), (1, Some("12:01:00")));
    // Longer: the multiple of an hour that passed last lies before the newest tick.
    trial.change(USAGE, Some(3600), false).await;
    for mut made in [Made::default(), made] {
        trial.look(&mut made).await;
        assert_eq!(trial.take(USAGE).await, 0, "it has ticked since");
    }
    trial.advance(3600);
    trial.look(&mut Made::default()).await;
    assert_eq!((trial.take(USAGE).await, trial.newest(USAGE).await.as_deref()), (1, Some("13:00:00")));
}

#[tokio::test]
async fn a_pause_is_made_up_for_once() {
    let trial = Trial::new(1).await;
    let mut made = Made::default();
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 1);
    trial.change(USAGE, Some(60), true).await;
    for _ in 0..10 {
        trial.advance(60);
        trial.look(&mut made).await;
        assert_eq!(trial.take(USAGE).await, 0, "paused");
    }
    trial.advance(30);
    trial.change(USAGE, Some(60), false).await;
    for expected in [1, 0] {
        trial.look(&mut made).await;
        assert_eq!(trial.take(USAGE).await, expected);
    }
    trial.advance(30);
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 1, "and on it goes");
    // A pause within one period is not noticed.
    trial.change(USAGE, Some(60), true).await;
    trial.advance(20);
    trial.look(&mut made).await;
    trial.change(USAGE, Some(60), false).await;
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 0);
}

#[tokio::test]
async fn a_clock_that_jumps_holds_nothing_up() {
    let trial = Trial::new(1).await;
    let mut made = Made::default();
    trial.advance(86_400 * 7);
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 1, "a week ahead");
    trial.advance(-86_400 * 7);
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 1, "right again");
    trial.advance(3 * 3600);
    trial.look(&mut made).await;
    assert_eq!(trial.take(USAGE).await, 1);
}

#[tokio::test]
async fn where_syncs_are_off_the_housekeeping_goes_on() {
    let trial = Trial::new(1).await;
    trial.ctx.policy.change(|policy| policy.sync.enabled = false);
    trial.look(&mut Made::default()).await;
    assert_eq!((trial.take("prune").await, trial.take("sync-workspaces").await), (1, 0));
}
