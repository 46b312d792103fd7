//! What can go wrong with a backup, in words that name what is wrong and what mends it. Never a key.

use std::path::{Path, PathBuf};

use store::StoreError;

use crate::audit::{AuditError, SealError};
use crate::run::JobError;

/// What can go wrong. Whatever it is, nothing half is left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A setting is missing or wrong.
    #[error("{key}: {problem}")]
    Setting {
        /// Its name.
        key: &'static str,
        /// What is wrong, and what mends it.
        problem: String,
    },
    /// The key file is not usable.
    #[error("the key file {}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what mends it.
        problem: String,
    },
    /// A program of PostgreSQL can't be started.
    #[error(
        "{program} can't be started ({source}): install PostgreSQL's client programs, or name their folder in backup.postgres_bin"
    )]
    NoProgram {
        /// Which, as it was looked for.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program of PostgreSQL is older than what it should work with.
    #[error(
        "{program} is of version {version}, and {what} is of version {wanted}: install the programs of version {wanted} or newer, or \
         name their folder in backup.postgres_bin"
    )]
    TooOld {
        /// Which.
        program: &'static str,
        /// Its major version.
        version: u32,
        /// What it should work with.
        what: &'static str,
        /// The major version of that.
        wanted: u32,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {words}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it said.
        words: String,
    },
    /// Another backup is being made there.
    #[error("another backup is being made in {}", .0.display())]
    Busy(PathBuf),
    /// A file or folder can't be read or written.
    #[error("{what} {}: {source}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// With which.
        path: PathBuf,
        /// Why it did not work.
        source: std::io::Error,
    },
    /// The file is no backup, or not as it was made.
    #[error("{} is no whole backup: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The key is not the one it was made with.
    #[error("the key does not open {}: it was made with another one", .0.display())]
    WrongKey(PathBuf),
    /// It was made by a version that writes it otherwise.
    #[error(
        "the backup is of format {found}, and this version reads up to {known}: restore it with a newer Wheelhouse"
    )]
    NewerFormat {
        /// Its format.
        found: u64,
        /// Ours.
        known: u32,
    },
    /// Its schema is newer than what this version knows.
    #[error(
        "the backup's schema is {found}, and this version knows up to {known}: restore it with a newer Wheelhouse that knows it (this backup was made by {version})"
    )]
    NewerSchema {
        /// Its newest step.
        found: String,
        /// Our newest step.
        known: String,
        /// The version that made it.
        version: String,
    },
    /// It is of the other kind of database.
    #[error(
        "the backup is of {found}, and database.url names {target}: a backup goes back into the kind of database it is of"
    )]
    OtherEngine {
        /// What it is of.
        found: super::Engine,
        /// What it should go into.
        target: super::Engine,
    },
    /// Something is there already.
    #[error("{what} is there already: {fix}")]
    NotEmpty {
        /// What.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// What is in the database is not what the manifest says.
    #[error("what was restored is not what was backed up: {0}")]
    Different(String),
    /// It took too long.
    #[error("it was not done within {0} minutes (backup.deadline_minutes)")]
    Deadline(u64),
    /// Somebody asked to stop it.
    #[error("stopped")]
    Cancelled,
    /// The audit log could not be looked at.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl BackupError {
    /// For `map_err`: what was tried with which file.
    pub(super) fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }

    /// The file is not as it was made.
    pub(super) fn damaged(path: &Path, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.into() }
    }
}

impl From<SealError> for BackupError {
    fn from(error: SealError) -> Self {
        Self::Audit(error.into())
    }
}

impl From<BackupError> for JobError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Cancelled => Self::Cancelled,
            BackupError::Store(error) => error.into(),
            // These may be better next time without anybody changing anything.
            BackupError::Busy(_)
            | BackupError::File { .. }
            | BackupError::Program { .. }
            | BackupError::Deadline(_) => Self::retry(error.to_string()),
            other => Self::fail(other.to_string()),
        }
    }
}
