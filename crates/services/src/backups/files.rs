//! The folder of backups: what they are called, one being made at a time, and a file that is there whole or not at all.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};
use platform::files::{private, sync_folder};

use super::error::BackupError;

const PREFIX: &str = "wheelhouse-";
const SUFFIX: &str = ".tar.gz.age";
const MOMENT: &str = "%Y%m%dT%H%M%SZ";
/// Held by whoever makes a backup there.
const LOCK: &str = ".wheelhouse-backup.lock";
/// The one that is being made.
const DRAFT: &str = ".wheelhouse-backup.part";

/// What a backup of that moment is called.
pub(super) fn name(at: DateTime<Utc>) -> String {
    format!("{PREFIX}{}{SUFFIX}", at.format(MOMENT))
}

/// The moment in a name; `None` for what is no backup of ours.
fn moment(name: &str) -> Option<DateTime<Utc>> {
    let text = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    Some(NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc())
}

/// The folder, with the turn to write into it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Held for its lock, which ends with the process at the latest.
    _lock: File,
}

impl Folder {
    /// Makes it where it is not there, and takes the turn.
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o750).create(path);
        made.map_err(BackupError::file("make the folder", path))?;
        let lock = path.join(LOCK);
        let file = private()
            .create(true)
            .truncate(false)
            .open(&lock)
            .map_err(BackupError::file("write into the folder of", &lock))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: file }),
            Err(TryLockError::WouldBlock) => Err(BackupError::Busy(path.to_owned())),
            Err(TryLockError::Error(source)) => {
                Err(BackupError::File { what: "take the turn by locking", path: lock, source })
            }
        }
    }

    /// The backups in it with their moments, oldest first. Whatever else is there is none.
    pub(super) fn list(&self) -> Result<Vec<(DateTime<Utc>, PathBuf)>, BackupError> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(BackupError::file("read the folder", &self.path))? {
            let path = entry.map_err(BackupError::file("read the folder", &self.path))?.path();
            let at = path.file_name().and_then(|name| name.to_str()).and_then(moment);
            found.extend(at.map(|at| (at, path)));
        }
        found.sort();
        Ok(found)
    }

    /// Begins a file. What a process left that died while it wrote one is overwritten.
    pub(super) fn draft(&self) -> Result<Draft, BackupError> {
        let path = self.path.join(DRAFT);
        let file = private().create(true).truncate(true).open(&path).map_err(BackupError::file("write", &path))?;
        Ok(Draft { path, file, placed: false })
    }

    /// Where a backup of that moment goes.
    pub(super) fn place(&self, at: DateTime<Utc>) -> Result<PathBuf, BackupError> {
        let path = self.path.join(name(at));
        if path.exists() {
            let fix = "wait a second and try again";
            return Err(BackupError::NotEmpty { what: path.display().to_string(), fix });
        }
        Ok(path)
    }
}

/// A file that goes away unless it is placed.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    file: File,
    placed: bool,
}

impl Draft {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it there, lastingly.
    pub(super) fn place(mut self, to: &Path) -> Result<u64, BackupError> {
        let failed = || BackupError::file("write", to);
        self.file.sync_all().map_err(failed())?;
        let bytes = self.file.metadata().map_err(failed())?.len();
        std::fs::rename(&self.path, to).map_err(failed())?;
        self.placed = true;
        sync_folder(to).map_err(failed())?;
        Ok(bytes)
    }
}

impl Write for &Draft {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        (&self.file).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        (&self.file).flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.placed {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_moment_and_nothing_else_is_a_backup() {
        let at: DateTime<Utc> = "2026-03-01T12:05:07Z".parse().unwrap();
        assert_eq!(name(at), "wheelhouse-20260301T120507Z.tar.gz.age");
        assert_eq!(moment(&name(at)), Some(at));
        for other in ["wheelhouse-20260301T120507Z.tar.gz", "wheelhouse-2026.tar.gz.age", LOCK, DRAFT, "notes.txt"] {
            assert_eq!(moment(other), None, "{other}");
        }
    }

    #[test]
    fn a_draft_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Folder::open(folder.path());
        let names = || {
            let mut names: Vec<_> = std::fs::read_dir(folder.path())
                .unwrap()
                .map(|e| e.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let ours = open().unwrap();
        assert!(matches!(open(), Err(BackupError::Busy(_))), "one at a time");
        let draft = ours.draft().unwrap();
        (&draft).write_all(b"half").unwrap();
        drop(draft);
        assert_eq!(names(), [LOCK]);
        // What was left by a process that died.
        std::fs::write(folder.path().join(DRAFT), b"something longer than that").unwrap();
        let draft = ours.draft().unwrap();
        (&draft).write_all(b"whole").unwrap();
        let at = DateTime::UNIX_EPOCH;
        assert_eq!(draft.place(&ours.place(at).unwrap()).unwrap(), 5);
        assert_eq!(names(), [LOCK, &name(at)]);
        assert_eq!(ours.list().unwrap(), [(at, folder.path().join(name(at)))]);
        assert!(matches!(ours.place(at), Err(BackupError::NotEmpty { .. })));
        drop(ours);
        open().unwrap();
    }
}
