//! Backups: everything an installation remembers in one encrypted file, and the way back.
//!
//! A backup is a tar archive, compressed and then encrypted as `age` does it, so that other tools open it too (docs/backups.md):
//! first the database (`database/…`, in pieces: its length is not known before it is written), then files (`reports/…`,
//! `audit/…`), last `manifest.json`, which says what must be there. A file without its end is no backup. Keys are never in it.
//!
//! [`backup`] makes one, [`verify`] reads one through, [`unpack`] and [`settle`] bring one back; `make.rs` is the job. `retention`
//! says which of many stay. Not here: point-in-time recovery, which is the database's own.
//! To add a kind of file: its folder in [`BackupPolicy`], its prefix in `manifest.rs`, its line in `sources.rs`.

mod archive;
mod error;
mod files;
mod jobs;
mod key;
mod make;
mod manifest;
mod noted;
mod postgres;
mod restore;
mod retention;
mod settle;
mod sources;
mod sqlite;
mod watch;

pub use error::BackupError;
pub use jobs::BackupJob;
pub use key::BackupKey;
pub use make::{BackupReport, backup, backup_job};
pub use manifest::{Engine, FORMAT, Head, Manifest, Part};
pub(crate) use noted::{Newest, newest};
pub use restore::{Unpacked, VerifyReport, unpack, verify};
pub use settle::{RestoreReport, settle};

use std::path::PathBuf;

use platform::config::{BackupConfig, Config, DatabaseConfig};

/// Where a backup's parts come from and go to.
#[derive(Debug, Clone)]
pub struct BackupPolicy {
    /// `[backup]`.
    pub config: BackupConfig,
    /// The database, for programs that open it themselves.
    pub database: DatabaseConfig,
    /// The folder of the files of reports.
    pub reports: PathBuf,
    /// The bucket that they are in instead; it keeps its own copies.
    pub reports_in: Option<String>,
    /// The folder of the audit log's checkpoints.
    pub audit: PathBuf,
}

impl From<&Config> for BackupPolicy {
    fn from(config: &Config) -> Self {
        let url = config.database.url.expose();
        Self {
            config: config.backup.clone(),
            database: config.database.clone(),
            reports: config.reports.folder(url),
            reports_in: config.reports.bucket_url(),
            audit: config.audit.folder(url),
        }
    }
}
