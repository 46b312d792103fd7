//! The whole application in this process: simulated AWS, API and worker on ports of their own, over a fresh database.
//!
//! It is composed from the same `run()` functions as the binary. It starts no browser and asserts nothing about features.
//! To make something variable in it: a field in [`TestAppOptions`] whose default is what most tests want.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use aws_sim::Simulator;
use contract::accounts::{AccountView, StartedJobsView};
use contract::jobs::JobDetailView;
use contract::page::Page;
use contract::paths::{ACCOUNT_SYNC, ACCOUNTS, JOB, WORKSPACE, with_id};
use contract::session::SessionView;
use contract::workspaces::WorkspaceDetailView;
use domain::access::{Actor, Grant, GrantReach, GrantedRole, Reach, Role, Scope};
use domain::ids::{AccountId, JobId, WorkspaceId};
use domain::jobs::JobState;
use platform::health::HealthRegistry;
use platform::redis::RedisLink;
use platform::shutdown::Shutdown;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use services::identity::NewUser;
use services::sessions::SessionMeta;
use store::Db;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::client::ApiClient;
use crate::compose;
pub use crate::compose::{REGIONS, TestAppOptions};
use crate::db::TestDatabase;
use crate::env::ShiftedClock;
use crate::proxy::Proxy;

/// The owner that [`TestApp::create_owner`] makes.
pub const OWNER_EMAIL: &str = "owner@example.com";
/// The password of every user that a test application makes.
pub const OWNER_PASSWORD: &str = "correct horse battery";

/// A job that has not ended by then never will.
const JOB_PATIENCE: Duration = Duration::from_secs(90);
/// How long a stop may take.
const STOP_PATIENCE: Duration = Duration::from_secs(45);

/// A running application. [`stop`](Self::stop) it at the end: that is part of every test.
#[derive(Debug)]
pub struct TestApp {
    base: String,
    config: Arc<platform::config::Config>,
    simulator: Simulator,
    simulator_url: String,
    context: services::Context,
    client: ApiClient,
    shutdown: Shutdown,
    api: JoinHandle<std::io::Result<()>>,
    worker: Option<JoinHandle<Result<()>>>,
    open_jobs: AtomicBool,
    clock: ShiftedClock,
    proxy: Option<Proxy>,
    database: TestDatabase,
}

impl TestApp {
    /// Starts it; `None` when there is no server for the database (see [`TestDatabase::migrated`]).
    ///
    /// # Errors
    /// A part could not be started.
    pub async fn start(options: TestAppOptions) -> Result<Option<Self>> {
        let Some(database) = TestDatabase::migrated(options.backend).await? else { return Ok(None) };
        let shutdown = Shutdown::new();
        let (simulator, simulator_url) = compose::simulator(&options, &shutdown).await?;
        let (url, proxy) =
            if options.database_proxy { compose::proxied(&database).await? } else { (database.url.clone(), None) };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let config = Arc::new(compose::config(&options, &url, address)?);
        platform::telemetry::init(&config.telemetry);
        let redis = RedisLink::configured(&config.redis)?;
        let context = compose::context_in(&config, redis.clone(), options.clock.env()).await?;
        let health = HealthRegistry::new(shutdown.clone());
        let deps = api::ApiDeps {
            config: Arc::clone(&config),
            live: platform::config::LiveConfig::new(platform::config::Config::clone(&config)),
            context: context.clone(),
            redis,
            health,
        };
        let stop = shutdown.clone();
        let api = tokio::spawn(async move { api::run(deps, listener, &stop).await });
        let worker = options.worker.then(|| {
            let deps = compose::worker(Arc::clone(&config), context.clone(), false);
            let stop = shutdown.clone();
            tokio::spawn(async move { Ok(worker::run(deps, &stop).await?) })
        });
        let base = format!("http://{address}");
        Ok(Some(Self {
            config,
            simulator,
            simulator_url,
            context,
            client: ApiClient::new(&base)?,
            base,
            shutdown,
            api,
            worker,
            open_jobs: AtomicBool::new(false),
            clock: options.clock,
            proxy,
            database,
        }))
    }

    /// The address of portal and API, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.base
    }

    /// The simulated AWS, to set faults, move its time and count its requests.
    #[must_use]
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// The time, of the application and of the simulated AWS. Moving it while jobs run makes them look abandoned.
    #[must_use]
    pub fn clock(&self) -> &ShiftedClock {
        &self.clock
    }

    /// The simulated AWS's address.
    #[must_use]
    pub fn simulator_url(&self) -> &str {
        &self.simulator_url
    }

    /// Replaces all faults of the simulated AWS.
    ///
    /// # Errors
    /// A text is no fault.
    pub fn faults(&self, faults: &[&str]) -> Result<()> {
        self.simulator.set_faults(faults.iter().map(|fault| fault.parse()).collect::<Result<_, _>>()?);
        Ok(())
    }

    /// The proxy before the database, when there is one.
    #[must_use]
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// What the use cases take first; for what has no operation yet.
    #[must_use]
    pub fn context(&self) -> &services::Context {
        &self.context
    }

    /// The database's URL, for another process.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// A connection to the database that shares nothing with the application's.
    ///
    /// # Errors
    /// It can't be reached.
    pub async fn database(&self) -> Result<Db> {
        self.database.connect().await
    }

    /// Starts a second API over the same database, as a replica in another process would be: it shares nothing else with this
    /// application but the time. A client of it, signed out. It ends with the application.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn replica(&self) -> Result<ApiClient> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let context = compose::context_in(&self.config, None, self.clock.env()).await?;
        let health = HealthRegistry::new(self.shutdown.clone());
        let deps = api::ApiDeps {
            config: Arc::clone(&self.config),
            live: platform::config::LiveConfig::new(platform::config::Config::clone(&self.config)),
            context,
            redis: None,
            health,
        };
        let stop = self.shutdown.clone();
        self.shutdown.spawn(async move {
            if let Err(error) = api::run(deps, listener, &stop).await {
                tracing::error!(error = &error as &dyn std::error::Error, "the replica ended");
            }
        });
        ApiClient::new(&format!("http://{address}"))
    }

    /// A new one-time link, which replaces the one before.
    ///
    /// # Errors
    /// There is a user already.
    pub async fn setup_link(&self) -> Result<String> {
        let token = services::identity::issue_setup_link(&self.context).await?.context("there is a user already")?;
        Ok(format!("{}/setup?token={token}", self.base))
    }

    /// The client of the owner, signed out until [`create_owner`](Self::create_owner).
    #[must_use]
    pub fn client(&self) -> &ApiClient {
        &self.client
    }

    /// Creates the owner by the one-time link and signs [`client`](Self::client) in.
    ///
    /// # Errors
    /// There is a user already.
    pub async fn create_owner(&self) -> Result<SessionView> {
        let link = self.setup_link().await?;
        let token = link.rsplit('=').next().unwrap_or_default();
        let body = json!({ "token": token, "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
        self.client.post(contract::paths::SETUP, &body).await?.ok()
    }

    /// A user of that role: a client that is signed in as them.
    ///
    /// # Errors
    /// The user can't be made.
    pub async fn create_user(&self, role: Role) -> Result<ApiClient> {
        let id = self.context.env.new_id().simple();
        self.create_user_named(&format!("{role}-{id}@example.com"), role).await
    }

    /// A user of that e-mail address and role: a client that is signed in as them.
    ///
    /// # Errors
    /// There is one of that address, or it is none.
    pub async fn create_user_named(&self, email: &str, role: Role) -> Result<ApiClient> {
        self.create_user_holding(email, vec![Grant::usual(role)]).await
    }

    /// A user with these built-in roles, each within its scope: a client that is signed in as them. Of other people's
    /// desktops a scope can't be made of here (that takes a team).
    ///
    /// # Errors
    /// There is one of that address, or a scope can't be given.
    pub async fn create_user_with(&self, email: &str, roles: &[(Role, Scope)]) -> Result<ApiClient> {
        let mut grants = Vec::new();
        for (role, scope) in roles {
            let reaches = match scope {
                Scope::Everything => vec![GrantReach::Everything],
                Scope::Only(reaches) => reaches.iter().map(|one| reach(one, email)).collect::<Result<_>>()?,
            };
            grants.extend(reaches.into_iter().map(|reach| Grant { role: GrantedRole::BuiltIn(*role), reach }));
        }
        self.create_user_holding(email, grants).await
    }

    /// A user with these grants: a client that is signed in as them.
    ///
    /// # Errors
    /// There is one of that address, it is none, or what a grant names is not there.
    pub async fn create_user_holding(&self, email: &str, grants: Vec<Grant>) -> Result<ApiClient> {
        let password = OWNER_PASSWORD.to_owned();
        let new = NewUser { email: email.to_owned(), grants, password };
        services::identity::create_user(&self.context, &Actor::system(), new).await?;
        // Not over HTTP: the limit of sign-ins per address is no subject of most tests.
        let signed_in =
            services::identity::sign_in(&self.context, email, OWNER_PASSWORD, SessionMeta::default()).await?;
        let session = signed_in.done().context("a second factor is asked for")?;
        let client = self.client.stranger()?;
        client.set_session(Some(session.token));
        Ok(client)
    }

    /// Connects an account.
    ///
    /// # Errors
    /// It is refused.
    pub async fn connect(&self, body: &Value) -> Result<AccountView> {
        self.client.post(ACCOUNTS, body).await?.ok()
    }

    /// Connects the simulated AWS as `Demo`, in all its regions.
    ///
    /// # Errors
    /// It is refused.
    pub async fn connect_simulated(&self) -> Result<AccountView> {
        self.connect_named("Demo").await
    }

    /// Connects the simulated AWS under a name.
    ///
    /// # Errors
    /// It is refused.
    pub async fn connect_named(&self, name: &str) -> Result<AccountView> {
        self.connect_named_in(name, &REGIONS).await
    }

    /// Connects some regions of the simulated AWS under a name.
    ///
    /// # Errors
    /// It is refused.
    pub async fn connect_named_in(&self, name: &str, regions: &[&str]) -> Result<AccountView> {
        let url = &self.simulator_url;
        self.connect(&json!({ "name": name, "regions": regions, "credentials": "simulated", "endpoint_url": url }))
            .await
    }

    /// Connects the simulated AWS and brings its fleet in.
    ///
    /// # Errors
    /// A sync did not end well.
    pub async fn connect_simulated_and_sync(&self) -> Result<AccountView> {
        let account = self.connect_simulated().await?;
        for job in self.sync(account.id).await? {
            if job.job.state != JobState::Done {
                bail!("the first sync is {}: {job:?}", job.job.state);
            }
        }
        Ok(account)
    }

    /// The accounts.
    ///
    /// # Errors
    /// No answer.
    pub async fn accounts(&self) -> Result<Vec<AccountView>> {
        Ok(self.client.get(ACCOUNTS).await?.ok::<Page<AccountView>>()?.items)
    }

    /// Asks for a sync: the jobs, one per region.
    ///
    /// # Errors
    /// It is refused.
    pub async fn start_sync(&self, account: AccountId) -> Result<Vec<JobId>> {
        Ok(self.client.post_empty(&with_id(ACCOUNT_SYNC, account)).await?.ok::<StartedJobsView>()?.job_ids)
    }

    /// Syncs an account and waits: its jobs as they ended, well or not.
    ///
    /// # Errors
    /// It is refused, or a job does not end.
    pub async fn sync(&self, account: AccountId) -> Result<Vec<JobDetailView>> {
        let mut ended = Vec::new();
        for id in self.start_sync(account).await? {
            ended.push(self.wait_for_job(id).await?);
        }
        Ok(ended)
    }

    /// The job once it has ended, well or not.
    ///
    /// # Errors
    /// It does not end; the error shows where it stands.
    pub async fn wait_for_job(&self, id: JobId) -> Result<JobDetailView> {
        let give_up = tokio::time::Instant::now() + JOB_PATIENCE;
        loop {
            let detail: JobDetailView = self.client.get(&with_id(JOB, id)).await?.ok()?;
            if detail.job.state.is_final() {
                return Ok(detail);
            }
            if tokio::time::Instant::now() > give_up {
                bail!("the job does not end: {detail:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a WorkSpace has the state.
    ///
    /// # Errors
    /// It does not get it.
    pub async fn wait_for_state(&self, id: WorkspaceId, state: &str) -> Result<WorkspaceDetailView> {
        let give_up = tokio::time::Instant::now() + JOB_PATIENCE;
        loop {
            let detail: WorkspaceDetailView = self.client.get(&with_id(WORKSPACE, id)).await?.ok()?;
            if detail.workspace.state.as_str() == state {
                return Ok(detail);
            }
            if tokio::time::Instant::now() > give_up {
                bail!("it is not {state}: {detail:?}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Says that this test leaves jobs queued or running on purpose.
    pub fn leave_open_jobs(&self) {
        self.open_jobs.store(true, Ordering::Relaxed);
    }

    /// Stops it as SIGTERM does. Jobs that nobody waited for are an error, unless the test said so; a watch that looks at
    /// moving WorkSpaces again and again is none.
    ///
    /// # Errors
    /// A part failed or did not end in time, or jobs were left.
    pub async fn stop(self) -> Result<()> {
        let open = if self.open_jobs.load(Ordering::Relaxed) { Vec::new() } else { self.settle().await? };
        self.shutdown.trigger();
        let ended = async {
            self.api.await??;
            if let Some(worker) = self.worker {
                worker.await??;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(STOP_PATIENCE, ended).await.context("the application did not stop in time")??;
        anyhow::ensure!(self.shutdown.wait(STOP_PATIENCE).await, "background tasks did not end");
        self.context.db.close().await?;
        anyhow::ensure!(open.is_empty(), "jobs were left: {open:?}");
        Ok(())
    }

    /// Jobs still open after a short while, in words.
    async fn settle(&self) -> Result<Vec<String>> {
        let db = &self.context.db;
        let sql = "SELECT kind || ' ' || state || ' ' || subject AS line FROM job \
                   WHERE state IN ('queued', 'running') AND kind NOT IN ('watch-workspaces', 'prune')";
        let mut open = Vec::new();
        for _ in 0..60 {
            let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
            open = rows.iter().map(|row| row.try_get("", "line")).collect::<Result<Vec<String>, _>>()?;
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(open)
    }
}

/// What is given for that part of the fleet to somebody of that e-mail address.
fn reach(reach: &Reach, email: &str) -> Result<GrantReach> {
    Ok(match reach {
        Reach::Account { account_id } => GrantReach::Account(*account_id),
        Reach::Region { region } => GrantReach::Region(region.clone()),
        Reach::Directory { directory_id } => GrantReach::Directory(*directory_id),
        own if Scope::only(own.clone()) == Scope::own(email) => GrantReach::Own,
        Reach::Desktops { user_name } => bail!("{email} can't be given the desktops of {user_name} without a team"),
    })
}

/// Defines a test of the whole application on SQLite and on Postgres:
/// `app_test!(async fn name(app: options) { … Ok(()) })`, where `app` is a `&TestApp`, stopped afterwards.
#[macro_export]
macro_rules! app_test {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: $options:expr) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn body($app: &$crate::app::TestApp) -> anyhow::Result<()> $body

            async fn run(backend: $crate::db::Backend) -> anyhow::Result<()> {
                let options: $crate::app::TestAppOptions = $options;
                let options = $crate::app::TestAppOptions { backend, ..options };
                let Some(app) = $crate::app::TestApp::start(options).await? else { return Ok(()) };
                Box::pin(body(&app)).await?;
                app.stop().await
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() -> anyhow::Result<()> {
                run($crate::db::Backend::Sqlite).await
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() -> anyhow::Result<()> {
                run($crate::db::Backend::Postgres).await
            }
        }
    )+};
}
