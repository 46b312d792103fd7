//! The typed settings, section by section. Meaning, units and defaults are in `config.default.toml`; ranges are in
//! `schema.rs`. A new section goes in the file whose headline fits it.

mod data;
mod outside;
mod server;
mod watching;
mod work;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize};

pub use data::{AuditConfig, BackupConfig, DatabaseConfig, RedisConfig, ReportsConfig, RetentionConfig, VaultConfig};
pub use outside::{AiConfig, MailConfig, OidcConfig, OutgoingConfig};
pub use server::{LimitsConfig, PortalConfig, ServerConfig, SessionConfig};
pub use watching::{ErrorsConfig, LogFormat, MetricsConfig, TelemetryConfig, TracesConfig};
pub use work::{AwsConfig, SyncConfig, WorkerConfig};

use super::{Loader, Source};

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
    /// Traces.
    pub traces: TracesConfig,
    /// Reports of errors.
    pub errors: ErrorsConfig,
    /// Static files of the portal.
    pub portal: PortalConfig,
    /// The assistant service.
    pub ai: AiConfig,
    /// Where each value was set, by its dotted key.
    #[serde(skip)]
    pub sources: BTreeMap<String, Source>,
    /// Each value as it was read, by its dotted key.
    #[serde(skip)]
    pub(super) raw: Raw,
}

/// Values as they were read, passwords and all; nothing prints them.
#[derive(Clone, Default)]
pub(super) struct Raw(pub(super) BTreeMap<String, toml::Value>);

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Raw").finish_non_exhaustive()
    }
}

impl Default for Config {
    /// The embedded defaults alone, without file or environment.
    fn default() -> Self {
        Loader::new().load().expect("the embedded defaults are valid; a test checks it")
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
