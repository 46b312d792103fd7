//! Composition: configuration → logs, database, Redis, AWS, the services' context. The tiers get ready parts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ai_service::AiOptions;
use anyhow::Context as _;
use aws::settings::StoredSetting;
use domain::env::{Clock, Env, Random};
use platform::config::{Config, LiveConfig, Loader, Secret, Source, Stored, Stores};
use platform::events::EventBus;
use platform::health::HealthRegistry;
use platform::http::guard::Guard;
use platform::mail::Mailer;
use platform::metrics::Exporter;
use platform::redis::RedisLink;
use platform::shutdown::Shutdown;
use platform::traces::Traces;
use platform::vault::Vault;
use services::Context;
use services::audit::{AuditLog, AuditOptions};
use services::context::LivePolicy;
use services::identity::PasswordHasher;
use services::vault::RotateError;
use services::watching::Watch;
use store::db::{Db, DbOptions};
use tokio::net::TcpListener;

/// How the configuration is loaded.
#[derive(Debug, Clone, Default)]
pub struct Load {
    /// The file named on the command line.
    pub file: Option<PathBuf>,
    /// What flags of the command line set: flag, key, value.
    pub set: Vec<(&'static str, &'static str, String)>,
}

impl Load {
    /// The configuration, which knows the source of each value. Where the environment names stores in AWS, those are asked.
    pub async fn resolve(&self) -> anyhow::Result<Config> {
        let loader = self.here();
        let Stores { parameters, secret } = loader.stores();
        let mut stored = Vec::new();
        if let Some(path) = parameters {
            let found = Box::pin(aws::settings::parameters(&path)).await.context("WHEELHOUSE_PARAMETERS")?;
            stored.extend(found.into_iter().map(|one| from_store(one, |name| Source::ParameterStore { name })));
        }
        if let Some(name) = secret {
            let found = Box::pin(aws::settings::secret(&name)).await.context("WHEELHOUSE_SECRET")?;
            stored.extend(found.into_iter().map(|one| from_store(one, |secret| Source::SecretsManager { secret })));
        }
        Ok(loader.stored(stored).load()?)
    }

    /// The layers that this machine has.
    pub fn here(&self) -> Loader {
        let loader = Loader::from_process();
        let loader = match &self.file {
            Some(file) => loader.file(file),
            None => loader,
        };
        self.set.iter().fold(loader, |loader, (flag, key, value)| loader.set(flag, key, value))
    }

    /// The same with what a flag says, where it is given.
    #[must_use]
    pub fn with(mut self, flag: &'static str, key: &'static str, value: Option<String>) -> Self {
        self.set.extend(value.map(|value| (flag, key, value)));
        self
    }

    /// The configuration, with logging begun.
    pub async fn with_telemetry(&self) -> anyhow::Result<Config> {
        let config = self.resolve().await?;
        platform::telemetry::init(&config.telemetry);
        Ok(config)
    }
}

fn from_store(setting: StoredSetting, source: impl Fn(String) -> Source) -> Stored {
    let StoredSetting { key, text, place } = setting;
    Stored { key, text: Secret::new(text), source: source(place) }
}

/// Traces of this part, for as long as what is given back is kept; nothing where there is no collector.
pub fn traces(config: &Config, service: &'static str) -> anyhow::Result<Traces> {
    Ok(Traces::start(&config.traces, service)?)
}

/// The real clock and random bytes.
pub fn env() -> Env {
    Env { clock: Clock::new(platform::os::now), random: Random::new(platform::os::fill_random) }
}

/// How the model service runs; its figures go where the process's do.
pub fn ai(config: &Config, exporter: Option<&Exporter>) -> AiOptions {
    let options = AiOptions::of(&config.ai, || platform::os::now().timestamp(), platform::os::fill_random);
    match exporter {
        Some(exporter) => AiOptions { metrics: exporter.clone(), ..options },
        None => options,
    }
}

/// Counts for `metrics.listen` and serves them there until the end; nothing where it is not set.
pub async fn exporter(config: &Config, shutdown: &Shutdown) -> anyhow::Result<Option<Exporter>> {
    let Some(address) = config.metrics.listen else { return Ok(None) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("listen on {address} (metrics.listen); is another process there?"))?;
    let exporter = Exporter::new();
    exporter.install();
    platform::errors::count_from_zero();
    exporter.look(|| async { platform::metrics::process::tell() });
    shutdown.spawn(exporter.clone().serve(listener, shutdown.clone(), config.worker.drain()));
    Ok(Some(exporter))
}

/// Looks at what the database says, and at the disks of our folders.
fn watch(exporter: &Exporter, config: &Config, context: &Context) {
    let (watch, context) = (Arc::new(Watch::default()), context.clone());
    exporter.look(move || {
        let (watch, context) = (Arc::clone(&watch), context.clone());
        async move { watch.look(&context).await }
    });
    let url = config.database.url.expose();
    let reports = config.reports.s3_bucket.is_none().then(|| ("reports", config.reports.folder(url)));
    let folders: Arc<[_]> = reports.into_iter().chain([("audit", config.audit.folder(url))]).collect();
    exporter.look(move || {
        let folders = Arc::clone(&folders);
        async move { platform::metrics::process::tell_disks(&folders) }
    });
}

/// Opens the database; a SQLite file's folder is made.
pub async fn database(config: &Config) -> anyhow::Result<Db> {
    let url = config.database.url.expose();
    if let Some(path) = url.strip_prefix("sqlite://") {
        let file = PathBuf::from(path.split('?').next().unwrap_or(path));
        if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).with_context(|| format!("make the folder {}", folder.display()))?;
        }
    }
    store::db::connect(&options(config, url))
        .await
        .with_context(|| format!("open the database {}", platform::config::redact_url(url)))
}

fn options(config: &Config, url: &str) -> DbOptions {
    DbOptions {
        max_connections: config.database.max_connections,
        acquire_timeout: config.database.connect_timeout(),
        statement_timeout: config.database.statement_timeout(),
        ..DbOptions::new(url)
    }
}

/// The database with its replica, watched until the end, where one is configured. One that is away is waited for, not missed.
async fn with_replica(config: &Config, db: Db, shutdown: &Shutdown) -> anyhow::Result<Db> {
    let Some(url) = &config.database.replica_url else { return Ok(db) };
    let options = options(config, url.expose());
    let replica = store::db::connect_replica(&options, config.database.replica_behind())
        .await
        .with_context(|| format!("database.replica_url: {}", platform::config::redact_url(url.expose())))?;
    let (watched, primary, end) = (replica.clone(), db.clone(), shutdown.token());
    shutdown.spawn(async move { end.run_until_cancelled(watched.watch(&primary)).await });
    Ok(db.with_replica(replica))
}

/// The link to Redis, when one is configured.
pub fn redis(config: &Config) -> anyhow::Result<Option<RedisLink>> {
    Ok(RedisLink::configured(&config.redis)?)
}

/// What a process has, whichever tiers run in it.
pub struct Parts {
    /// The configuration, as the process was started with it.
    pub config: Arc<Config>,
    /// The configuration in force.
    pub live: LiveConfig,
    /// What the use cases take first.
    pub context: Context,
    /// The link to Redis, when one is configured.
    pub redis: Option<RedisLink>,
    /// The checks behind `/health`.
    pub health: HealthRegistry,
    /// Where counts are kept, when they are asked for.
    pub exporter: Option<Exporter>,
    /// The end of the process.
    pub shutdown: Shutdown,
}

impl Parts {
    /// Opens what the configuration names. The schema is left as it is.
    pub async fn open(config: Config, shutdown: Shutdown) -> anyhow::Result<Self> {
        let exporter = exporter(&config, &shutdown).await?;
        let redis = redis(&config)?;
        let health = HealthRegistry::new(shutdown.clone());
        let limits = crate::pace::limits(redis.as_ref(), config.aws.replicas_without_redis, &env());
        crate::pace::register(&health, redis.as_ref(), &limits);
        let mut context = context_with(&config, redis.clone(), limits).await?;
        context.db = with_replica(&config, context.db, &shutdown).await?;
        services::vault::require_key_file(&context).await?;
        if config.reports.s3_bucket.is_some() {
            crate::artefacts::watch(Arc::clone(&context.artefacts), &health, &shutdown);
        }
        if let Some(exporter) = &exporter {
            watch(exporter, &config, &context);
        }
        let live = LiveConfig::new(config);
        Ok(Self { config: live.now(), live, context, redis, health, exporter, shutdown })
    }

    /// What the API tier takes.
    pub fn api(&self) -> api::ApiDeps {
        api::ApiDeps {
            config: Arc::clone(&self.config),
            live: self.live.clone(),
            context: self.context.clone(),
            redis: self.redis.clone(),
            health: self.health.clone(),
        }
    }

    /// What the worker tier takes.
    pub fn worker(&self) -> worker::WorkerDeps {
        worker::WorkerDeps::new(Arc::clone(&self.config), self.context.clone())
    }
}

/// Everything the use cases need.
pub async fn context(config: &Config) -> anyhow::Result<Context> {
    let redis = redis(config)?;
    let limits = crate::pace::limits(redis.as_ref(), config.aws.replicas_without_redis, &env());
    context_with(config, redis, limits).await
}

async fn context_with(config: &Config, redis: Option<RedisLink>, limits: Arc<aws::Limits>) -> anyhow::Result<Context> {
    let db = database(config).await?;
    let env = env();
    let outgoing = Guard::configured(config);
    let context = Context {
        bus: EventBus::new(redis),
        cloud: Arc::new(
            aws::Connector::with_limits(aws_options(config), env.clone(), limits)
                .guarded(services::outgoing::endpoint_guard(&outgoing)),
        ),
        outgoing,
        vault: Vault::configured(config, Arc::new(platform::os::fill_random))?,
        mail: Mailer::from_config(&config.mail)?,
        artefacts: crate::artefacts::configured(config, env.clone())?,
        sso: services::oidc::SingleSignOn::configured(config, &env, contract::paths::OIDC_CALLBACK)?,
        assistant: services::assistant::Assistant::configured(config)?,
        known: services::credentials::Known::default(),
        estimates: services::cost::KeptEstimates::default(),
        audit: AuditLog::new(AuditOptions {
            folder: config.audit.folder(config.database.url.expose()),
            key_file: config.audit.signing_key_file.clone(),
        }),
        passwords: PasswordHasher::new(env.random.clone())?,
        policy: LivePolicy::of(config),
        db,
        env,
    };
    if let Err(lost @ RotateError::KeyLost { .. }) = services::vault::require_key_file(&context).await {
        // Commands that seal nothing go on, such as verifying the audit log.
        tracing::warn!("{lost}");
    }
    Ok(context)
}

/// For a process that serves a simulated AWS to itself: accounts' endpoints may be on this machine.
pub fn reach_this_machine(config: &mut Config) {
    config.outgoing.allow.extend("127.0.0.1".parse::<platform::config::Cidr>());
}

/// For a process that serves the model itself, at this address: its assistant asks there, unless it is told another one.
pub fn ask_own_model(config: &mut Config, address: SocketAddr) {
    if config.ai.url.is_none() && config.ai.model.is_some() {
        config.ai.url = Some(format!("http://{address}"));
    }
}

/// The address of the one-time link.
pub fn setup_link(base_url: &str, token: &str) -> String {
    format!("{base_url}/setup?token={token}")
}

fn aws_options(config: &Config) -> aws::AwsOptions {
    aws::AwsOptions {
        requests_per_second: config.aws.requests_per_second,
        burst: f64::from(config.aws.burst),
        call_deadline: config.aws.deadline(),
        max_attempts: config.aws.max_attempts,
        ..aws::AwsOptions::default()
    }
}
