//! Configuration: one typed [`Config`], put together from layers and checked as a whole before anything starts.
//!
//! `config.default.toml` is the reference: it names every key, its type by its default, and its meaning by the comment
//! above it. It is not a place for state, nor for anything that people change in the portal.
//!
//! To add a key: write it with its comment in `config.default.toml`, add the field in `model/` and its range in
//! `schema.rs`. A test fails while the three differ.

mod cidr;
mod error;
mod live;
mod load;
#[cfg(test)]
mod load_tests;
mod model;
mod provenance;
mod schema;
mod secret;

pub use cidr::Cidr;
pub use error::{ConfigError, ConfigErrors};
pub use live::{LiveConfig, Retaken, is_live};
pub use load::{Loader, Stored, Stores};
pub use model::{
    AiConfig, AuditConfig, AwsConfig, BackupConfig, Config, DatabaseConfig, ErrorsConfig, LimitsConfig, LogFormat,
    MailConfig, OidcConfig, OutgoingConfig, PortalConfig, RedisConfig, ReportsConfig, RetentionConfig, ServerConfig,
    SessionConfig, SyncConfig, TelemetryConfig, TracesConfig, VaultConfig, WorkerConfig,
};
pub use provenance::{ExplainedSetting, Setting, Source};
pub use schema::env_table;
pub use secret::{Secret, SecretUrl, redact_url};

/// The commented reference file, as it is embedded in the binary.
pub const DEFAULT_TOML: &str = include_str!("config.default.toml");
