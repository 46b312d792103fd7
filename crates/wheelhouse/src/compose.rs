//! Composition: configuration → logs, database, Redis, AWS, the services' context. The tiers get ready parts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain::env::{Clock, Env, Random};
use platform::config::{Config, Loader, Resolved};
use platform::events::EventBus;
use platform::redis::RedisLink;
use store::db::{Db, DbOptions};

/// How the configuration is loaded.
#[derive(Debug, Clone, Default)]
pub struct Load {
    /// The file named on the command line.
    pub file: Option<PathBuf>,
}

impl Load {
    /// The configuration with the source of each value.
    pub fn resolve(&self) -> anyhow::Result<Resolved> {
        Ok(self.loader().load()?)
    }

    /// The layers below the command line's own.
    pub fn loader(&self) -> Loader {
        let loader = Loader::from_process();
        match &self.file {
            Some(file) => loader.file(file),
            None => loader,
        }
    }

    /// The configuration, with logging begun.
    pub fn with_telemetry(&self) -> anyhow::Result<Config> {
        let config = self.resolve()?.config;
        platform::telemetry::init(&config.telemetry);
        Ok(config)
    }
}

/// The real clock and random bytes.
pub fn env() -> Env {
    Env { clock: Clock::new(platform::os::now), random: Random::new(platform::os::fill_random) }
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
    let options = DbOptions {
        max_connections: config.database.max_connections,
        acquire_timeout: config.database.connect_timeout(),
        statement_timeout: config.database.statement_timeout(),
        ..DbOptions::new(url)
    };
    store::db::connect(&options).await.with_context(|| format!("open the database {}", platform::config::redact_url(url)))
}

/// The link to Redis, when one is configured.
pub fn redis(config: &Config) -> anyhow::Result<Option<RedisLink>> {
    config.redis.url.as_ref().map(|url| RedisLink::open(url).context("redis.url")).transpose()
}

/// Everything the use cases need.
pub async fn context(config: &Config) -> anyhow::Result<Context> {
    let db = database(config).await?;
    let env = env();
    Ok(Context {
        wake: store::queue::Wake::for_db(&db),
        bus: EventBus::new(redis(config)?),
        cloud: Arc::new(aws::Connector::new(aws_options(config))),
        passwords: PasswordHasher::new(),
        policy: Policy::from(config),
        db,
        env,
    })
}
