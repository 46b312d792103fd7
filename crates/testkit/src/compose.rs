//! What a test application is made of: options, configuration, the simulated AWS, the services' context. The counterpart
//! of the binary's own composition; [`crate::app`] starts the tiers with it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use aws_sim::{SimAccount, SimOptions, Simulator};
use domain::env::Env;
use platform::artefacts::{Key, Keys};
use platform::config::{Config, SecretUrl};
use platform::events::EventBus;
use platform::http::guard::Guard;
use platform::mail::Mailer;
use platform::redis::RedisLink;
use platform::shutdown::Shutdown;
use platform::vault::Vault;
use services::context::LivePolicy;
use services::identity::PasswordHasher;
use tokio::net::TcpListener;

use crate::db::{Backend, TestDatabase};
use crate::env::ShiftedClock;
use crate::proxy::Proxy;

/// The regions of the simulated AWS; the first holds 70 % of its WorkSpaces.
pub const REGIONS: [&str; 2] = ["us-east-1", "eu-central-1"];

/// A machine without credentials: a test that has a bucket says its key.
#[derive(Debug)]
pub struct NoKeys;

#[async_trait]
impl Keys for NoKeys {
    async fn key(&self) -> Result<Key, Box<dyn std::error::Error + Send + Sync>> {
        Err("a test is nobody in AWS".into())
    }
}

/// What the application is started with.
#[derive(Debug, Clone)]
pub struct TestAppOptions {
    /// The database.
    pub backend: Backend,
    /// WorkSpaces of the simulated AWS.
    pub simulated_workspaces: u32,
    /// The same seed makes the same fleet.
    pub seed: u64,
    /// Seconds each change of state takes; `None`: about as long as at AWS.
    pub transition_seconds: Option<u32>,
    /// The simulated AWS's request limit: `off`, `on` or `2/5`.
    pub throttle: String,
    /// Its faults to begin with (`aws_sim::Fault`).
    pub faults: Vec<String>,
    /// Its accounts; empty: one, to which any access key belongs.
    pub accounts: Vec<SimAccount>,
    /// Whether its people connect and leave. Otherwise everything stays as on one Wednesday afternoon.
    pub alive: bool,
    /// The time, of the application and of the simulated AWS.
    pub clock: ShiftedClock,
    /// Whether jobs are run.
    pub worker: bool,
    /// Whether syncs are started by their schedule too.
    pub schedules: bool,
    /// Whether the portal of `WHEELHOUSE_TEST_PORTAL` is served.
    pub portal: bool,
    /// Whether the Redis of `WHEELHOUSE_TEST_REDIS_URL` is used.
    pub redis: bool,
    /// Requests per minute that only read, and that change something; `None`: so many that no test meets the limit.
    pub limits: Option<(u32, u32)>,
    /// Unknown sessions and keys that are looked up per minute and network; `None`: as many as come.
    pub unknown_per_minute: Option<u32>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// Networks whose forwarding headers are believed.
    pub trusted_proxies: Vec<String>,
    /// Networks that users' URLs may lead to although they are not public.
    pub outgoing: Vec<String>,
    /// The mail server; `None`: mail is kept in memory.
    pub smtp_url: Option<String>,
    /// The OpenID provider where people may sign in.
    pub oidc: Option<platform::config::OidcConfig>,
    /// The models that phrase answers.
    pub ai: Option<platform::config::AiConfig>,
    /// Where files of reports are kept; `None`: in a folder of the test's own.
    pub reports: Option<platform::config::ReportsConfig>,
    /// Whether a [`Proxy`] stands before the database (Postgres only).
    pub database_proxy: bool,
}

impl Default for TestAppOptions {
    /// SQLite, 60 WorkSpaces, no request limit, no faults, a worker without schedules.
    fn default() -> Self {
        Self {
            backend: Backend::Sqlite,
            simulated_workspaces: 60,
            seed: 1,
            transition_seconds: None,
            throttle: "off".to_owned(),
            faults: Vec::new(),
            accounts: Vec::new(),
            alive: false,
            clock: ShiftedClock::default(),
            worker: true,
            schedules: false,
            portal: false,
            redis: false,
            limits: None,
            unknown_per_minute: None,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            outgoing: vec!["127.0.0.0/8".to_owned(), "::1".to_owned()],
            smtp_url: None,
            oidc: None,
            ai: None,
            reports: None,
            database_proxy: false,
        }
    }
}

/// Serves a simulated AWS until `shutdown`: it and its address.
///
/// # Errors
/// A text of the options is none, or loopback has no port.
pub async fn simulator(options: &TestAppOptions, shutdown: &Shutdown) -> Result<(Simulator, String)> {
    let clock = options.clock.clone();
    let mut sim = SimOptions::new(options.simulated_workspaces as usize, options.seed, Arc::new(move || clock.now()));
    sim.throttle = options.throttle.parse::<aws_sim::ThrottleSetting>()?.0;
    sim.faults = options.faults.iter().map(|fault| fault.parse()).collect::<Result<_, _>>()?;
    sim.transition = options.transition_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    sim.regions = REGIONS.map(str::to_owned).to_vec();
    if !options.accounts.is_empty() {
        sim.accounts.clone_from(&options.accounts);
    }
    // Unless it is asked for, nobody logs in by themselves, so that a test knows what moves.
    sim.alive = options.alive;
    serve(Simulator::new(sim), shutdown).await
}

/// Serves a simulated AWS that was made with options of its own, until `shutdown`: it and its address.
///
/// # Errors
/// Loopback has no port.
pub async fn serve(simulator: Simulator, shutdown: &Shutdown) -> Result<(Simulator, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (serving, end) = (simulator.clone(), shutdown.token());
    // Not one of the tasks that a stop waits for: a client of the test may still hold a connection to it.
    tokio::spawn(async move { aws_sim::serve(listener, serving, end).await });
    Ok((simulator, url))
}

/// The database's URL through a proxy of its own.
///
/// # Errors
/// It is no Postgres, or loopback has no port.
pub async fn proxied(database: &TestDatabase) -> Result<(String, Option<Proxy>)> {
    anyhow::ensure!(database.backend == Backend::Postgres, "a proxy stands before Postgres only");
    let (scheme, rest) = database.url.split_once("://").context("no URL")?;
    let (authority, path) = rest.split_once('/').context("no database in the URL")?;
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let proxy = Proxy::start(host.to_owned()).await?;
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    Ok((format!("{scheme}://{user}{}/{path}", proxy.address()), Some(proxy)))
}

/// The configuration of a test application: the defaults, quick where a default is patient.
///
/// # Errors
/// A variable that the options need is not set.
pub fn config(options: &TestAppOptions, url: &str, address: SocketAddr) -> Result<Config> {
    let mut config = Config::default();
    config.server.listen = address;
    config.database.url = url.to_owned().into();
    config.database.connect_timeout_seconds = 5;
    config.audit.checkpoint_dir = crate::db::audit_folder(url);
    config.reports.dir = crate::db::audit_folder(url).map(|folder| folder.join("reports"));
    config.sync.enabled = options.schedules;
    // The simulated AWS is on this machine, whichever the database.
    if let Some(url) = &options.smtp_url {
        config.mail.smtp_url = Some(SecretUrl::from(url.as_str()));
        config.mail.from = Some("Wheelhouse <wheelhouse@example.org>".to_owned());
    }
    config.outgoing.allow = options
        .outgoing
        .iter()
        .map(|network| network.parse())
        .collect::<Result<_, String>>()
        .map_err(anyhow::Error::msg)?;
    config.sync.fast_period_seconds = 1;
    config.worker.poll_milliseconds = 200;
    config.aws.requests_per_second = 10_000.0;
    config.aws.burst = 10_000;
    let (reads, writes) = options.limits.unwrap_or((10_000_000, 10_000_000));
    config.limits = platform::config::LimitsConfig {
        reads_per_minute: reads,
        writes_per_minute: writes,
        unknown_per_minute: options.unknown_per_minute.unwrap_or(10_000_000),
    };
    config.server.cors_origins.clone_from(&options.cors_origins);
    let proxies = options.trusted_proxies.iter().map(|network| network.parse().map_err(anyhow::Error::msg));
    config.server.trusted_proxies = proxies.collect::<Result<_>>()?;
    if let Some(oidc) = &options.oidc {
        config.oidc = oidc.clone();
    }
    if let Some(ai) = &options.ai {
        config.ai = ai.clone();
    }
    if let Some(reports) = &options.reports {
        config.reports = reports.clone();
    }
    config.telemetry.log_filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    config.telemetry.log_format = platform::config::LogFormat::Pretty;
    if options.redis {
        let redis = std::env::var("WHEELHOUSE_TEST_REDIS_URL").context("WHEELHOUSE_TEST_REDIS_URL is not set")?;
        config.redis.url = Some(redis.into());
    }
    // Otherwise a folder that is not there: the portal is then a page that says so.
    config.portal.dir = Some(if options.portal {
        std::env::var_os("WHEELHOUSE_TEST_PORTAL")
            .context("WHEELHOUSE_TEST_PORTAL is not set; use cargo xtask e2e")?
            .into()
    } else {
        PathBuf::from("/nonexistent/portal")
    });
    Ok(config)
}

/// Everything the use cases need, with the real clock and AWS called as fast as it answers.
///
/// # Errors
/// The database can't be reached.
pub async fn context(config: &Config, redis: Option<RedisLink>) -> Result<services::Context> {
    context_in(config, redis, crate::env::real()).await
}

/// The same in another time.
///
/// # Errors
/// The database can't be reached.
pub async fn context_in(config: &Config, redis: Option<RedisLink>, env: Env) -> Result<services::Context> {
    let options = store::DbOptions {
        max_connections: config.database.max_connections,
        acquire_timeout: config.database.connect_timeout(),
        ..store::DbOptions::new(config.database.url.expose())
    };
    let db = store::db::connect(&options).await?;
    let aws = aws::AwsOptions {
        requests_per_second: f64::INFINITY,
        rate_scale: f64::INFINITY,
        simulated_requests_per_second: f64::INFINITY,
        call_deadline: config.aws.deadline(),
        max_attempts: config.aws.max_attempts,
        backoff_base: Duration::from_millis(20),
        backoff_cap: Duration::from_millis(200),
        ..aws::AwsOptions::default()
    };
    let outgoing = Guard::configured(config);
    Ok(services::Context {
        bus: EventBus::new(redis),
        cloud: Arc::new(aws::Connector::new(aws, env.clone()).guarded(services::outgoing::endpoint_guard(&outgoing))),
        outgoing,
        // One key for every test application, unless the test is about keys.
        vault: match &config.vault.key_file {
            Some(_) => Vault::configured(config, Arc::new(platform::os::fill_random))?,
            None => crate::vault::fixed()?,
        },
        sso: services::oidc::SingleSignOn::configured(config, &env, contract::paths::OIDC_CALLBACK)?,
        assistant: services::assistant::Assistant::configured(config)?,
        // Kept in memory unless a test brings a server.
        mail: match &config.mail.smtp_url {
            Some(_) => Mailer::from_config(&config.mail)?,
            None => Mailer::in_memory(),
        },
        artefacts: platform::artefacts::configured(config, Arc::new(NoKeys))?,
        known: services::credentials::Known::default(),
        estimates: services::cost::KeptEstimates::default(),
        audit: services::audit::AuditLog::new(services::audit::AuditOptions {
            folder: config.audit.folder(config.database.url.expose()),
            key_file: config.audit.signing_key_file.clone(),
        }),
        passwords: PasswordHasher::new(env.random.clone())?,
        policy: LivePolicy::of(config),
        env,
        db,
    })
}

/// What the worker tier takes; `probe` lets it run the kinds that only trials use.
#[must_use]
pub fn worker(config: Arc<Config>, context: services::Context, probe: bool) -> worker::WorkerDeps {
    worker::WorkerDeps { config, context, probe, schedule_look: worker::SCHEDULE_LOOK }
}
