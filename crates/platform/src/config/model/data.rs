//! Settings of what is kept and where: database, Redis, keys, the audit log, artefacts, backups, and for how long.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::blank_is_none;
use crate::config::{Secret, SecretUrl};

/// `[database]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://…` or `sqlite://…`.
    pub url: SecretUrl,
    /// A replica of it, to read from.
    #[serde(deserialize_with = "blank_is_none")]
    pub replica_url: Option<SecretUrl>,
    /// Seconds that the replica may be behind.
    pub replica_behind_seconds: u64,
    /// Most connections per process.
    pub max_connections: u32,
    /// Seconds to wait for a connection.
    pub connect_timeout_seconds: u64,
    /// Seconds a statement may run.
    pub statement_timeout_seconds: u64,
}

impl DatabaseConfig {
    /// `replica_behind_seconds` as a duration.
    pub fn replica_behind(&self) -> Duration {
        Duration::from_secs(self.replica_behind_seconds)
    }

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
    /// `redis://…` or `rediss://…`; `None`: everything stays in the process.
    #[serde(deserialize_with = "blank_is_none")]
    pub url: Option<SecretUrl>,
    /// Certificates that the server's is checked against; `None`: the system's.
    #[serde(deserialize_with = "blank_is_none")]
    pub ca_file: Option<PathBuf>,
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
    /// Bucket of S3 for them instead; `None`: the folder.
    #[serde(deserialize_with = "blank_is_none")]
    pub s3_bucket: Option<String>,
    /// The region of the bucket.
    #[serde(deserialize_with = "blank_is_none")]
    pub s3_region: Option<String>,
    /// What the names of objects begin with, before a slash.
    #[serde(deserialize_with = "blank_is_none")]
    pub s3_prefix: Option<String>,
    /// A server that speaks S3's protocol; `None`: AWS.
    #[serde(deserialize_with = "blank_is_none")]
    pub s3_endpoint: Option<String>,
    /// Key for the bucket; `None`: the machine's own credentials.
    #[serde(deserialize_with = "blank_is_none")]
    pub s3_access_key_id: Option<String>,
    /// Its secret half.
    #[serde(deserialize_with = "blank_is_none")]
    pub s3_secret_access_key: Option<Secret<String>>,
    /// Seconds that a request to the bucket may take.
    pub s3_deadline_seconds: u64,
}

impl ReportsConfig {
    /// `s3_deadline_seconds` as a duration.
    pub fn s3_deadline(&self) -> Duration {
        Duration::from_secs(self.s3_deadline_seconds)
    }

    /// The bucket and what names in it begin with, as `s3://bucket/prefix/`; `None`: they are in the folder.
    pub fn bucket_url(&self) -> Option<String> {
        let prefix = self.s3_prefix.as_deref().unwrap_or_default().trim_end_matches('/');
        let slash = if prefix.is_empty() { "" } else { "/" };
        self.s3_bucket.as_ref().map(|bucket| format!("s3://{bucket}/{prefix}{slash}"))
    }

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
