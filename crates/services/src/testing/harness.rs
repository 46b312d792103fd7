//! A context over a database of its own (SQLite, or Postgres where `WHEELHOUSE_TEST_POSTGRES_URL` names a server), with a
//! clock that stands until it is moved.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Actor, Role, Scope};
use domain::account::CredentialKind;
use domain::env::{Clock, Env, Random};
use domain::ids::{AccountId, JobId, Region, UserId};
use domain::jobs::JobState;
use platform::events::EventBus;
use platform::mail::Mailer;
use platform::vault::{MasterKeys, Vault};
use store::db::{Backend, connect};
use store::repo::jobs::{JobFilter, JobScope, job_count};
use store::repo::workspaces::{GoneFilter, WorkspaceFilter, workspace_count};
use store::test_database::TestDatabase;
use uuid::Uuid;

use super::FakeFleet;
use crate::accounts::{NewAccount, create_account};
use crate::audit::{AuditLog, AuditOptions};
use crate::identity::PasswordHasher;
use crate::{Context, LivePolicy, Policy};

pub(crate) struct Harness {
    pub(crate) ctx: Context,
    pub(crate) fleet: FakeFleet,
    now: Arc<Mutex<DateTime<Utc>>>,
    /// Where files of the installation are.
    pub(crate) folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl Harness {
    pub(crate) async fn new(fleet: FakeFleet) -> Self {
        Self::on(Backend::Sqlite, fleet).await.expect("SQLite needs no server")
    }

    /// `None` on Postgres without a server to test on.
    pub(crate) async fn on(backend: Backend, fleet: FakeFleet) -> Option<Self> {
        let database = TestDatabase::migrated(backend).await.unwrap()?;
        let db = connect(&database.options()).await.unwrap();
        let now = Arc::new(Mutex::new("2026-03-01T12:00:00Z".parse().unwrap()));
        let (clock, counter) = (now.clone(), AtomicU64::new(1));
        let env = Env {
            clock: Clock::new(move || *clock.lock().unwrap()),
            random: Random::new(move |bytes| {
                // Different each time, and the same in each run.
                let count = counter.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                for (byte, value) in bytes.iter_mut().zip(count.to_be_bytes().into_iter().cycle()) {
                    *byte = value;
                }
            }),
        };
        let passwords = PasswordHasher::with_memory(env.random.clone(), 64).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let policy = Policy {
            session_idle: Duration::from_secs(3600),
            session_absolute: Duration::from_secs(24 * 3600),
            proof_window: TimeDelta::minutes(10),
            base_url: "https://wheelhouse.example.org".to_owned(),
            request_timeout: Duration::from_secs(30),
            fast_period: Duration::from_secs(5),
            tags_per_run: 40,
            sync: platform::config::Config::default().sync,
            retention: platform::config::Config::default().retention,
            backup: crate::backups::BackupPolicy::from(&platform::config::Config::default()),
        };
        let options = AuditOptions { folder: folder.path().join("audit"), key_file: None };
        let audit = AuditLog::new(options);
        let random = env.random.clone();
        let vault = Vault::with_keys(
            MasterKeys::single([7; 32]).unwrap(),
            Arc::new(move |bytes: &mut [u8]| random.fill(bytes)),
        );
        let outgoing = platform::http::guard::Guard::configured(&platform::config::Config::default());
        let ctx = Context {
            db,
            env,
            cloud: Arc::new(fleet.clone()),
            bus: EventBus::new(None),
            known: crate::credentials::Known::default(),
            estimates: crate::cost::KeptEstimates::default(),
            audit,
            outgoing,
            vault,
            passwords,
            mail: Mailer::in_memory(),
            artefacts: platform::artefacts::in_folder(folder.path().join("reports")),
            sso: crate::oidc::SingleSignOn::default(),
            assistant: crate::assistant::Assistant::default(),
            policy: LivePolicy::new(policy),
        };
        Some(Self { ctx, fleet, now, folder, _database: database })
    }

    /// The database's URL, for a connection of the test's own.
    pub(crate) fn url(&self) -> &str {
        &self._database.url
    }

    pub(crate) fn advance(&self, seconds: i64) {
        *self.now.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    pub(crate) fn region(&self) -> Region {
        "eu-central-1".parse().unwrap()
    }

    /// A connected account with one region.
    pub(crate) async fn account(&self) -> AccountId {
        self.account_in(vec![self.region()]).await
    }

    /// A connected account with these regions.
    pub(crate) async fn account_in(&self, regions: Vec<Region>) -> AccountId {
        let new = NewAccount {
            name: format!("Demo {}", self.ctx.env.new_id()),
            regions,
            credentials: CredentialKind::Simulated,
            role_arn: None,
            external_id: None,
            endpoint_url: Some("http://127.0.0.1:1".into()),
        };
        create_account(&self.ctx, &Actor::system(), new).await.unwrap().account.id
    }

    pub(crate) fn actor(&self, role: Role) -> Actor {
        Actor::user(UserId(Uuid::from_u128(7)), "user3@example.com", role)
    }

    pub(crate) fn job_id(&self) -> JobId {
        JobId(self.ctx.env.new_id())
    }

    /// Jobs of that kind that wait.
    pub(crate) async fn queued(&self, kind: &str) -> u64 {
        let filter =
            JobFilter { states: vec![JobState::Queued], kinds: vec![kind.to_owned()], account_ids: Vec::new() };
        job_count(&self.ctx.db, &JobScope::everything(), &filter).await.unwrap()
    }

    /// WorkSpaces that are there, or that are gone.
    pub(crate) async fn count(&self, gone: bool) -> u64 {
        let gone = if gone { GoneFilter::Gone } else { GoneFilter::Present };
        let filter = WorkspaceFilter { gone, ..WorkspaceFilter::default() };
        workspace_count(&self.ctx.db, &Scope::Everything, &filter).await.unwrap()
    }
}
