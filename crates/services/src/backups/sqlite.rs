//! SQLite's half: a copy of the database at one moment, beside it, for as long as it is read; and where a URL's file is.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use store::repo::backups::copy_into;
use store::{Db, DbOptions};

use super::error::BackupError;

/// What is added to the file's name for a copy of it.
const COPY: &str = ".backup-copy";
/// What is added to the file's name while one is brought back.
const DRAFT: &str = ".restoring";
/// What SQLite keeps beside a file.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// The file of a URL; `None` for a database in memory.
pub(super) fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && !path.starts_with(':')).then(|| PathBuf::from(path))
}

fn url_of(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

fn with(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    file.with_file_name(name)
}

/// A database file of ours that goes away unless it is kept.
#[derive(Debug)]
pub(super) struct Passing {
    pub(super) path: PathBuf,
    kept: bool,
    /// Held for its lock too: two don't write it at once.
    file: File,
}

impl Passing {
    fn begin(path: PathBuf) -> Result<Self, BackupError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(BackupError::file("write", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(path)),
            Err(TryLockError::Error(source)) => return Err(BackupError::File { what: "lock", path, source }),
        }
        // What a process left that died.
        file.set_len(0).map_err(BackupError::file("write", &path))?;
        let passing = Self { path, kept: false, file };
        passing.sweep_beside();
        Ok(passing)
    }

    fn sweep_beside(&self) {
        for ending in BESIDE {
            drop(std::fs::remove_file(with(&self.path, ending)));
        }
    }

    /// How to open it.
    pub(super) fn url(&self) -> String {
        url_of(&self.path)
    }

    /// Puts it there.
    pub(super) fn keep(mut self, to: &Path) -> Result<(), BackupError> {
        let failed = || BackupError::file("write", to);
        if with(&self.path, BESIDE[0]).metadata().is_ok_and(|wal| wal.len() > 0) {
            let source = std::io::Error::other("somebody still has it open");
            return Err(BackupError::File { what: "put into its place", path: self.path.clone(), source });
        }
        self.file.sync_all().map_err(failed())?;
        std::fs::rename(&self.path, to).map_err(failed())?;
        self.kept = true;
        platform::files::sync_folder(to).map_err(failed())
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.sweep_beside();
        if !self.kept {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// A copy of the database as it is now. It goes on to its end although nobody waits for it any more, and then goes away.
pub(super) async fn copy(db: &Db, url: &str) -> Result<Passing, BackupError> {
    let file = file_of(url).ok_or_else(|| BackupError::Setting {
        key: "database.url",
        problem: "a database in memory can't be backed up; name a file".to_owned(),
    })?;
    let copy = Passing::begin(with(&file, COPY))?;
    let db = db.clone();
    let copied = tokio::spawn(async move {
        match copy_into(&db, &copy.path).await {
            Ok(()) => Ok(copy),
            Err(error) => Err(BackupError::File {
                what: "copy the database to",
                path: copy.path.clone(),
                source: std::io::Error::other(cause(&error)),
            }),
        }
    });
    copied.await.map_err(|_| BackupError::Cancelled)?
}

/// What the database itself said, such as that its disk is full.
fn cause(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().map(ToString::to_string).unwrap_or_default()
}

/// Opens it to look what is in it.
pub(super) async fn open(passing: &Passing) -> Result<Db, BackupError> {
    Ok(store::db::connect(&DbOptions { max_connections: 2, ..DbOptions::new(passing.url()) }).await?)
}

/// Where a database that comes back is written, before it takes its place. Nothing may be in that place.
pub(super) fn draft(file: &Path) -> Result<Passing, BackupError> {
    for taken in std::iter::once(file.to_owned()).chain(BESIDE.map(|ending| with(file, ending))) {
        if taken.exists() {
            let fix = "a backup goes back into an empty place; move it away first";
            return Err(BackupError::NotEmpty { what: taken.display().to_string(), fix });
        }
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(BackupError::file("make the folder", folder))?;
    }
    Passing::begin(with(file, DRAFT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_none() {
        assert_eq!(file_of("sqlite://./data/w.db?mode=rwc"), Some(PathBuf::from("./data/w.db")));
        assert_eq!(file_of("sqlite:/a/b.db"), Some(PathBuf::from("/a/b.db")));
        for none in ["sqlite::memory:", "sqlite://:memory:", "sqlite://", "postgres://db/x"] {
            assert_eq!(file_of(none), None, "{none}");
        }
    }

    #[test]
    fn a_draft_takes_an_empty_place_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new").join("w.db");
        let passing = draft(&file).unwrap();
        assert!(matches!(draft(&file), Err(BackupError::Busy(_))));
        drop(passing);
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 0);
        std::fs::write(with(&file, "-wal"), b"left").unwrap();
        let refused = draft(&file).unwrap_err().to_string();
        assert!(refused.contains("w.db-wal") && refused.contains("move it away"), "{refused}");
        std::fs::remove_file(with(&file, "-wal")).unwrap();
        draft(&file).unwrap().keep(&file).unwrap();
        assert!(file.exists() && matches!(draft(&file), Err(BackupError::NotEmpty { .. })));
    }
}
