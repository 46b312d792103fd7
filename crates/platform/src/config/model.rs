//! The typed settings, section by section. Meaning, units and defaults are in `config.default.toml`; ranges are in
//! `schema.rs`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Cidr, Loader, Secret, SecretUrl, Source};

/// All settings of a process. Every value has been checked; see [`Loader`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The HTTP server.
    pub server: ServerConfig,
    /// How often somebody may ask.
    pub limits: LimitsConfig,
    /// System of record and job queue.
    pub database: DatabaseConfig,
    /// Shared cache, limits and live events.
    pub redis: RedisConfig,
    /// The job runner.
    pub worker: WorkerConfig,
    /// Schedules of the reconcilers.
    pub sync: SyncConfig,
    /// How long things are kept.
    pub retention: RetentionConfig,
    /// How gently AWS is asked.
    pub aws: AwsConfig,
    /// Browser sessions. Their cookie is always `Secure`; that is no setting.
    pub session: SessionConfig,
    /// Secrets at rest.
    pub vault: VaultConfig,
    /// Where URLs that users give may lead.
    pub outgoing: OutgoingConfig,
    /// Outgoing mail.
    pub mail: MailConfig,
    /// Sign-in at an OpenID provider.
    pub oidc: OidcConfig,
    /// Our own audit log.
    pub audit: AuditConfig,
    /// Reports that are made on a schedule.
    pub reports: ReportsConfig,
    /// Backups.
    pub backup: BackupConfig,
    /// Logs.
    pub telemetry: TelemetryConfig,
    /// Metrics.
    pub metrics: MetricsConfig,
    /// Static files of the portal.
    pub portal: PortalConfig,
    /// The assistant service.
    pub ai: AiConfig,
    /// Where each value was set, by its dotted key.
    #[serde(skip)]
    pub sources: BTreeMap<String, Source>,
}

impl Default for Config {
    /// The embedded defaults alone, without file or environment.
    fn default() -> Self {
        Loader::new().load().expect("the embedded defaults are valid; a test checks it")
    }
}

/// `[server]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Address browsers use, without a trailing slash; `None`: derive it from `listen`.
    #[serde(deserialize_with = "blank_is_none")]
    pub public_url: Option<String>,
    /// Networks whose forwarding headers are believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Seconds after which a request is given up.
    pub request_timeout_seconds: u64,
    /// Largest request body, in bytes.
    pub body_limit_bytes: usize,
    /// Seconds for the headers of a request.
    pub header_timeout_seconds: u64,
    /// Most headers of a request.
    pub max_headers: usize,
    /// Most bytes of a request's headers.
    pub max_header_bytes: usize,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
}

/// `[limits]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Changes per minute.
    pub writes_per_minute: u32,
    /// Reads per minute.
    pub reads_per_minute: u32,
    /// Look-ups of unknown sessions and keys per minute.
    pub unknown_per_minute: u32,
}

impl ServerConfig {
    /// `request_timeout_seconds` as a duration.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }

    /// `header_timeout_seconds` as a duration.
    pub fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout_seconds)
    }

    /// The address for links: `public_url`, or `http://` and the listen address (loopback when it listens everywhere).
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.listen.ip().is_unspecified() => format!("http://127.0.0.1:{}", self.listen.port()),
            None => format!("http://{}", self.listen),
        }
    }
}

/// `[database]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://…` or `sqlite://…`.
    pub url: SecretUrl,
    /// Most connections per process.
    pub max_connections: u32,
    /// Seconds to wait for a connection.
    pub connect_timeout_seconds: u64,
    /// Seconds a statement may run.
    pub statement_timeout_seconds: u64,
}

impl DatabaseConfig {
    /// `connect_timeout_seconds` as a duration.
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_seconds)
    }

    /// `statement_timeout_seconds` as a duration.
    pub fn statement_timeout(&self) -> Duration {
        Duration::from_secs(self.statement_timeout_seconds)
    }
}

/// `[redis]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://…`; `None`: everything stays in the process.
    #[serde(deserialize_with = "blank_is_none")]
    pub url: Option<SecretUrl>,
}

/// `[worker]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerConfig {
    /// Jobs at the same time per process.
    pub concurrency: usize,
    /// Seconds between signs of life.
    pub heartbeat_seconds: u64,
    /// Seconds of silence after which a job is an orphan.
    pub orphan_after_seconds: u64,
    /// Seconds to finish after SIGTERM.
    pub drain_seconds: u64,
    /// Milliseconds between looks for due jobs.
    pub poll_milliseconds: u64,
}

impl WorkerConfig {
    /// `heartbeat_seconds` as a duration.
    pub fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_seconds)
    }

    /// `orphan_after_seconds` as a duration.
    pub fn orphan_after(&self) -> Duration {
        Duration::from_secs(self.orphan_after_seconds)
    }

    /// `drain_seconds` as a duration.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// `poll_milliseconds` as a duration.
    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_milliseconds)
    }
}

/// `[sync]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncConfig {
    /// Whether syncs run on their schedules.
    pub enabled: bool,
    /// Seconds between whole reads of a fleet.
    pub workspaces_period_seconds: u64,
    /// Seconds between reads of directories.
    pub directories_period_seconds: u64,
    /// Seconds between reads of who is connected.
    pub connection_status_period_seconds: u64,
    /// Seconds between reads of connected hours and daily measures.
    pub usage_period_seconds: u64,
    /// Seconds between reads of who did what.
    pub cloudtrail_period_seconds: u64,
    /// Seconds between reads of what was billed.
    pub billing_period_seconds: u64,
    /// Seconds between reads of prices.
    pub prices_period_seconds: u64,
    /// Seconds between runs of the housekeeping.
    pub prune_period_seconds: u64,
    /// Seconds between checkpoints of the audit log.
    pub audit_checkpoint_period_seconds: u64,
    /// Seconds between verifications of the whole audit log.
    pub audit_verify_period_seconds: u64,
    /// Seconds between backups.
    pub backup_period_seconds: u64,
    /// Seconds between reads of WorkSpaces in a passing state.
    pub fast_period_seconds: u64,
    /// Days of usage that are read of a WorkSpace seen for the first time.
    pub usage_backfill_days: u32,
    /// Whole months of costs that are read, beside the current one.
    pub billing_months: u32,
    /// Cost allocation tags by which costs are read.
    pub billing_tag_keys: Vec<String>,
    /// Whether CPU, memory, disks and latency are read for each day.
    pub usage_daily_measures: bool,
    /// WorkSpaces whose tags are read per run.
    pub tags_per_run: u32,
}

impl SyncConfig {
    /// `workspaces_period_seconds` as a duration.
    pub fn workspaces_period(&self) -> Duration {
        Duration::from_secs(self.workspaces_period_seconds)
    }

    /// `fast_period_seconds` as a duration.
    pub fn fast_period(&self) -> Duration {
        Duration::from_secs(self.fast_period_seconds)
    }
}

/// `[retention]`: days, 0 for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionConfig {
    /// Connected time to the five minutes.
    pub usage_interval_days: u32,
    /// Hours, minutes and sessions of each WorkSpace and day.
    pub usage_day_days: u32,
    /// CPU, memory, disks and latency of each WorkSpace and day.
    pub metric_day_days: u32,
    /// CloudTrail's events.
    pub trail_days: u32,
    /// What was billed, and what our own requests cost.
    pub cost_days: u32,
    /// Reports of syncs.
    pub sync_run_days: u32,
    /// Conversations with the assistant.
    pub conversations_days: u32,
    /// Our own audit log, where it is pruned by hand.
    pub audit_days: u32,
}

/// `[aws]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsConfig {
    /// Requests per second to each account, region and API.
    pub requests_per_second: f64,
    /// Requests that may be sent at once.
    pub burst: u32,
    /// Seconds one call may take with all its attempts.
    pub deadline_seconds: u64,
    /// Attempts per call, the first included.
    pub max_attempts: u32,
    /// Processes that are assumed at least while Redis is away.
    pub replicas_without_redis: u32,
}

impl AwsConfig {
    /// `deadline_seconds` as a duration.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }
}

/// `[session]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionConfig {
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u64,
    /// Hours after sign-in at which a session ends.
    pub absolute_hours: u64,
    /// Minutes for which a proof of who is there allows dangerous actions.
    pub proof_minutes: u32,
}

impl SessionConfig {
    /// `idle_minutes` as a duration.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_minutes * 60)
    }

    /// `proof_minutes` as a duration.
    pub fn proof(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::minutes(i64::from(self.proof_minutes))
    }

    /// `absolute_hours` as a duration.
    pub fn absolute(&self) -> Duration {
        Duration::from_secs(self.absolute_hours * 3600)
    }
}

/// `[vault]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultConfig {
    /// File with the master keys; `None`: beside a SQLite database.
    #[serde(deserialize_with = "blank_is_none")]
    pub key_file: Option<PathBuf>,
    /// The keys themselves.
    #[serde(deserialize_with = "blank_is_none")]
    pub keys: Option<Secret<String>>,
}

/// `[outgoing]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutgoingConfig {
    /// Private networks that URLs given by users may lead to.
    pub allow: Vec<Cidr>,
}

/// `[mail]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtps://…` or `smtp://…`; `None`: no mail is sent.
    #[serde(deserialize_with = "blank_is_none")]
    pub smtp_url: Option<SecretUrl>,
    /// The sender, as `Name <address>`.
    #[serde(deserialize_with = "blank_is_none")]
    pub from: Option<String>,
    /// Seconds within which the server must have taken a message.
    pub deadline_seconds: u64,
}

impl MailConfig {
    /// `deadline_seconds` as a duration.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }
}

/// `[oidc]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The provider; `None`: nobody signs in there.
    #[serde(deserialize_with = "blank_is_none")]
    pub issuer: Option<String>,
    /// What the provider calls this installation.
    #[serde(deserialize_with = "blank_is_none")]
    pub client_id: Option<String>,
    /// The secret that the provider gave; `None` for a public client.
    #[serde(deserialize_with = "blank_is_none")]
    pub client_secret: Option<Secret<String>>,
    /// What people know the provider as.
    pub name: String,
    /// Scopes asked for, besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists somebody's groups.
    pub groups_claim: String,
    /// Whether e-mail addresses count as checked although the provider does not say so.
    pub trust_email: bool,
    /// Domains of e-mail addresses of which people become users; empty: every.
    pub email_domains: Vec<String>,
    /// `group=role`.
    pub roles: Vec<String>,
    /// Seconds that one answer of the provider may take.
    pub deadline_seconds: u64,
}

impl OidcConfig {
    /// `deadline_seconds` as a duration.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    /// The groups with their roles, in order.
    pub fn group_roles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.roles.iter().filter_map(|pair| pair.rsplit_once('=')).map(|(group, role)| (group.trim(), role.trim()))
    }
}

/// `[audit]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// Folder for signed checkpoints; `None`: beside a SQLite database, or `./data/audit`.
    #[serde(deserialize_with = "blank_is_none")]
    pub checkpoint_dir: Option<PathBuf>,
    /// File with the signing key; `None`: in that folder.
    #[serde(deserialize_with = "blank_is_none")]
    pub signing_key_file: Option<PathBuf>,
}

impl AuditConfig {
    /// The folder for signed checkpoints, given the database's URL.
    pub fn folder(&self, database_url: &str) -> PathBuf {
        if let Some(folder) = &self.checkpoint_dir {
            return folder.clone();
        }
        data_folder(database_url).join("audit")
    }
}

/// The folder beside a SQLite database, otherwise `./data`.
fn data_folder(database_url: &str) -> &std::path::Path {
    let file = database_url.strip_prefix("sqlite://").map(|rest| rest.split('?').next().unwrap_or(rest));
    let beside = file.filter(|file| !file.starts_with(':')).and_then(|file| std::path::Path::new(file).parent());
    beside.unwrap_or(std::path::Path::new("./data"))
}

/// `[reports]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportsConfig {
    /// Folder for the files of reports; `None`: beside a SQLite database, or `./data/reports`.
    #[serde(deserialize_with = "blank_is_none")]
    pub dir: Option<PathBuf>,
}

impl ReportsConfig {
    /// The folder for the files of reports, given the database's URL.
    pub fn folder(&self, database_url: &str) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| data_folder(database_url).join("reports"))
    }
}

/// `[backup]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupConfig {
    /// Folder that backups go into; `None`: none are made by themselves.
    #[serde(deserialize_with = "blank_is_none")]
    pub dir: Option<PathBuf>,
    /// File with what they are encrypted with.
    #[serde(deserialize_with = "blank_is_none")]
    pub key_file: Option<PathBuf>,
    /// Folder with PostgreSQL's client programs; `None`: on `PATH`.
    #[serde(deserialize_with = "blank_is_none")]
    pub postgres_bin: Option<PathBuf>,
    /// Days of which the newest is kept.
    pub keep_daily: u32,
    /// Weeks of which the newest is kept.
    pub keep_weekly: u32,
    /// Minutes after which one is given up.
    pub deadline_minutes: u64,
}

/// `[telemetry]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Shape of a log line.
    pub log_format: LogFormat,
    /// Levels and targets, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
}

/// Shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For people.
    Pretty,
}

/// `[metrics]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Where metrics are served; `None`: nowhere.
    #[serde(deserialize_with = "blank_is_no_address")]
    pub listen: Option<SocketAddr>,
}

/// `[portal]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalConfig {
    /// Folder with the built portal; `None`: the folder `portal` beside the executable.
    #[serde(deserialize_with = "blank_is_none")]
    pub dir: Option<PathBuf>,
}

impl PortalConfig {
    /// The folder to serve: `dir`, or `portal` beside the executable. It may not exist.
    pub fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| {
            let executable = std::env::current_exe().unwrap_or_default();
            executable.parent().map(|folder| folder.join("portal")).unwrap_or_else(|| PathBuf::from("portal"))
        })
    }
}

/// `[ai]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiConfig {
    /// Address of the assistant service.
    #[serde(deserialize_with = "blank_is_none")]
    pub url: Option<String>,
    /// The model's file or folder; `None`: there is no model.
    #[serde(deserialize_with = "blank_is_none")]
    pub model: Option<PathBuf>,
    /// Tokens that the cache holds.
    pub context: usize,
    /// How the cache is kept: `f16` or `int8`.
    pub kv: String,
    /// Threads that compute; 0: one per processor.
    pub threads: usize,
    /// Most megabytes that the model may take; 0: what the machine has left.
    pub memory_mb: u64,
    /// Requests that run together.
    pub parallel: usize,
    /// Requests that may wait.
    pub queue: usize,
    /// Seconds after which an answer is cancelled.
    pub deadline_seconds: u64,
    /// Address of a smaller model's service; `None`: there is none.
    #[serde(deserialize_with = "blank_is_none")]
    pub small_url: Option<String>,
    /// Address of a service elsewhere; `None`: nothing is sent anywhere.
    #[serde(deserialize_with = "blank_is_none")]
    pub remote_url: Option<String>,
    /// The model to ask for there.
    #[serde(deserialize_with = "blank_is_none")]
    pub remote_model: Option<String>,
    /// The key for it.
    #[serde(deserialize_with = "blank_is_none")]
    pub remote_key: Option<Secret<String>>,
    /// Seconds in which a model phrases an answer.
    pub answer_seconds: u64,
    /// Tokens a month of each person; 0: as many as they like.
    pub tokens_per_person: u64,
    /// Tokens a month of each team; 0: as many as they like.
    pub tokens_per_team: u64,
}

impl AiConfig {
    /// An answer that is not whole after this is cancelled.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    /// A model that has not phrased an answer by then is passed over.
    pub fn answer(&self) -> Duration {
        Duration::from_secs(self.answer_seconds)
    }
}

/// An address that is left out or blank is none.
fn blank_is_no_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text: Option<String> = blank_is_none(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// TOML has no null: an optional key is left out or blank.
fn blank_is_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.trim().is_empty()).map(T::from))
}
