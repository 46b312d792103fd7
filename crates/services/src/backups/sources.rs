//! The files that a backup takes along: those of reports, and the audit log's checkpoints. Never a key: of the audit log's
//! folder only what is a checkpoint.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::BackupPolicy;
use super::error::BackupError;
use super::manifest::{AUDIT, REPORTS};

/// A file to take along.
#[derive(Debug)]
pub(super) struct Source {
    /// Its name in the archive.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// How much of it; all when absent.
    pub(super) bytes: Option<u64>,
}

impl Source {
    /// The file with its length; `None` when it was removed meanwhile.
    pub(super) fn open(&self) -> Result<Option<(File, u64)>, BackupError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BackupError::file("read", &self.path)(error)),
        };
        let bytes = match self.bytes {
            Some(bytes) => bytes,
            None => file.metadata().map_err(BackupError::file("read", &self.path))?.len(),
        };
        Ok(Some((file, bytes)))
    }
}

fn is_checkpoints(name: &str) -> bool {
    name.starts_with("checkpoints-") && name.ends_with(".jsonl")
}

/// What is still being written, or was left by who died at it.
fn is_draft(name: &str) -> bool {
    name.starts_with('.') || [".part", DRAFT].iter().any(|ending| name.ends_with(ending))
}

/// What is added to the name of a file that is being brought back.
pub(super) const DRAFT: &str = ".restoring";

/// The checkpoints as they are now: lines are only ever added, and those that come later sign what the backup does not have.
/// So this is asked before the database's moment.
pub(super) fn checkpoints(policy: &BackupPolicy) -> Result<Vec<Source>, BackupError> {
    let mut sources = list(&policy.audit, AUDIT, is_checkpoints)?;
    for source in &mut sources {
        source.bytes = Some(std::fs::metadata(&source.path).map_err(BackupError::file("read", &source.path))?.len());
    }
    Ok(sources)
}

/// The files of reports, unless they are in a bucket. A file is there before the database says so: this is asked after the
/// database's moment.
pub(super) fn reports(policy: &BackupPolicy) -> Result<Vec<Source>, BackupError> {
    if policy.reports_in.is_some() {
        return Ok(Vec::new());
    }
    list(&policy.reports, REPORTS, |name| !is_draft(name))
}

fn list(folder: &Path, prefix: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<Source>, BackupError> {
    let failed = || BackupError::file("read the folder", folder);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed()(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed())?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if wanted(name) && path.is_file() {
            found.push(Source { name: format!("{prefix}{name}"), path, bytes: None });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Where a file of the archive goes; `None` for a name that is none of ours.
pub(super) fn place(policy: &BackupPolicy, name: &str) -> Option<PathBuf> {
    let report = name.strip_prefix(REPORTS).map(|file| policy.reports.join(file));
    report.or_else(|| name.strip_prefix(AUDIT).filter(|file| is_checkpoints(file)).map(|file| policy.audit.join(file)))
}
