//! Reading a backup through, and bringing one back into an empty place: first the whole file is read and checked, then what it
//! holds is written where nothing sees it yet. `settle.rs` is the second half.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use store::DbOptions;
use store::repo::backups::{server_major, tables};

use super::BackupPolicy;
use super::archive::{self, Read, part_of};
use super::error::BackupError;
use super::key::BackupKey;
use super::manifest::{DATABASE, Engine, Manifest};
use super::postgres::{Programs, RESTORE};
use super::sources::{self, DRAFT};
use super::sqlite::{self, Passing};
use super::watch::Watch;
use crate::run::RunHandle;

/// What a backup says about itself, once it was read through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// The file.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What is in it.
    pub manifest: Manifest,
}

/// Reads the whole file and holds everything in it against its manifest. Takes no database.
///
/// # Errors
/// [`BackupError::Damaged`], [`BackupError::WrongKey`], [`BackupError::Key`], [`BackupError::NewerFormat`],
/// [`BackupError::File`], [`BackupError::Deadline`], [`BackupError::Cancelled`].
pub async fn verify(
    policy: &BackupPolicy,
    handle: &dyn RunHandle,
    key: &Arc<BackupKey>,
    file: &Path,
) -> Result<VerifyReport, BackupError> {
    let read = read_through(file, key, policy.config.deadline_minutes, handle, "bytes read").await?;
    Ok(VerifyReport { file: file.to_owned(), bytes: read.bytes, manifest: read.manifest })
}

pub(super) async fn read_through(
    file: &Path,
    key: &Arc<BackupKey>,
    minutes: u64,
    handle: &dyn RunHandle,
    note: &'static str,
) -> Result<Read, BackupError> {
    let (file, key) = (file.to_owned(), Arc::clone(key));
    let work = move |watch: &Watch| archive::read(&file, &key, watch, |_, _| Ok(()));
    Watch::new(minutes).run(handle, note, work).await
}

/// What was brought back and is not settled yet. Dropped, files and a SQLite database go away again; what is in a Postgres
/// database by then stays.
#[derive(Debug)]
pub struct Unpacked {
    pub(super) file: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) drafts: Drafts,
    pub(super) database: Placed,
}

/// Where the database is.
#[derive(Debug)]
pub(super) enum Placed {
    /// Where it belongs, under this URL.
    There(String),
    /// Beside the place it goes to.
    Beside(Passing, PathBuf),
}

impl Unpacked {
    /// The URL under which the database can be opened for [`super::settle`].
    #[must_use]
    pub fn url(&self) -> String {
        match &self.database {
            Placed::There(url) => url.clone(),
            Placed::Beside(passing, _) => passing.url(),
        }
    }
}

/// Reads the whole file, then brings back what it holds. The database must be empty, and no file may be there that is another.
///
/// # Errors
/// [`BackupError`]; then nothing of it is there.
pub async fn unpack(
    policy: &BackupPolicy,
    handle: &dyn RunHandle,
    key: &Arc<BackupKey>,
    file: &Path,
) -> Result<Unpacked, BackupError> {
    let minutes = policy.config.deadline_minutes;
    let Read { manifest, .. } = read_through(file, key, minutes, handle, "bytes read").await?;
    let url = policy.database.url.expose();
    let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
    manifest.fits(engine)?;
    let drafts = Drafts::plan(policy, file, &manifest)?;
    let target = match engine {
        Engine::Sqlite => Target::sqlite(url)?,
        Engine::Postgres => Target::postgres(policy, &manifest).await?,
    };
    let (path, key, url) = (file.to_owned(), Arc::clone(key), url.to_owned());
    let work = move |watch: &Watch| bring(&path, &key, manifest, drafts, target, watch);
    let (manifest, drafts, target) = Watch::new(minutes).run(handle, "bytes restored", work).await?;
    let database = match target {
        Target::Sqlite(passing, to) => Placed::Beside(passing, to),
        Target::Postgres(_) => Placed::There(url),
    };
    Ok(Unpacked { file: file.to_owned(), manifest, drafts, database })
}

/// An empty place for the database.
enum Target {
    Sqlite(Passing, PathBuf),
    Postgres(Programs),
}

impl Target {
    fn sqlite(url: &str) -> Result<Self, BackupError> {
        let file = sqlite::file_of(url).ok_or_else(|| setting("a backup goes back into a file; name one"))?;
        Ok(Self::Sqlite(sqlite::draft(&file)?, file))
    }

    async fn postgres(policy: &BackupPolicy, manifest: &Manifest) -> Result<Self, BackupError> {
        let programs = Programs::new(&policy.config, &policy.database)?;
        programs.version(RESTORE, "the program that wrote the backup", manifest.program.unwrap_or(0)).await?;
        let options = DbOptions {
            max_connections: 2,
            acquire_timeout: policy.database.connect_timeout(),
            ..DbOptions::new(policy.database.url.expose())
        };
        let db = store::db::connect(&options).await?;
        let looked = async { Ok::<_, BackupError>((tables(&db).await?, server_major(&db).await?)) }.await;
        db.close().await?;
        let (there, server) = looked?;
        if let Some(first) = there.first() {
            let what = format!(
                "the database {:?} has {} tables ({first} …), so that something",
                programs.database(),
                there.len()
            );
            let fix = "a backup goes back into an empty database; create one and name it in database.url";
            return Err(BackupError::NotEmpty { what, fix });
        }
        if server < manifest.server {
            let [server, wanted] = [server, manifest.server].map(|version| version.unwrap_or(0));
            return Err(setting(&format!(
                "the server is of version {server}, and the backup of one of version {wanted}; use that or a newer one"
            )));
        }
        Ok(Self::Postgres(programs))
    }
}

fn setting(problem: &str) -> BackupError {
    BackupError::Setting { key: "database.url", problem: problem.to_owned() }
}

fn bring(
    path: &Path,
    key: &BackupKey,
    manifest: Manifest,
    mut drafts: Drafts,
    target: Target,
    watch: &Watch,
) -> Result<(Manifest, Drafts, Target), BackupError> {
    match &target {
        Target::Sqlite(passing, _) => {
            let failed = || BackupError::file("write", &passing.path);
            let file = File::options().write(true).open(&passing.path).map_err(failed())?;
            let mut into = std::io::BufWriter::with_capacity(256 * 1024, file);
            let database = |bytes: &[u8]| into.write_all(bytes).map_err(failed());
            again(path, key, &manifest, &mut drafts, watch, database)?;
            into.flush().map_err(failed())?;
        }
        Target::Postgres(programs) => {
            let (mut into, running) = programs.restore(&programs.database(), watch)?;
            let failed = |error: std::io::Error| BackupError::Program { program: RESTORE, words: error.to_string() };
            let database = |bytes: &[u8]| into.write_all(bytes).map_err(failed);
            match again(path, key, &manifest, &mut drafts, watch, database) {
                // It has ended, and says why.
                Err(error @ BackupError::Program { .. }) => {
                    drop(into);
                    running.end(watch)?;
                    return Err(error);
                }
                Err(error) => {
                    // Before it takes the end of what it gets for the end of all.
                    watch.kill();
                    return Err(error);
                }
                Ok(()) => {
                    drop(into);
                    running.end(watch)?;
                }
            }
        }
    }
    drafts.close()?;
    Ok((manifest, drafts, target))
}

/// Reads it once more, into its places.
fn again(
    path: &Path,
    key: &BackupKey,
    manifest: &Manifest,
    drafts: &mut Drafts,
    watch: &Watch,
    mut database: impl FnMut(&[u8]) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let read =
        archive::read(
            path,
            key,
            watch,
            |part, bytes| {
                if part == DATABASE { database(bytes) } else { drafts.write(part, bytes) }
            },
        )?;
    if read.manifest == *manifest {
        Ok(())
    } else {
        Err(BackupError::damaged(path, "it was changed while it was read"))
    }
}

/// Files that are written beside their places, and go away unless they are placed.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// Each with its name in the archive.
    wanted: Vec<(String, PathBuf)>,
    /// Those that are there already, as they should be.
    there: BTreeSet<String>,
    open: Option<(String, PathBuf, File)>,
    written: Vec<PathBuf>,
}

fn draft_of(place: &Path) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(DRAFT);
    place.with_file_name(name)
}

impl Drafts {
    /// Where each goes. Refused when something else is there.
    fn plan(policy: &BackupPolicy, file: &Path, manifest: &Manifest) -> Result<Self, BackupError> {
        let mut drafts = Self::default();
        for part in manifest.files() {
            let unknown = || BackupError::damaged(file, format!("{:?} has no place here", part.name));
            let place = sources::place(policy, &part.name).ok_or_else(unknown)?;
            if place.exists() {
                let there = File::open(&place).and_then(|there| part_of(&part.name, there));
                if there.map_err(BackupError::file("read", &place))? != *part {
                    let what = format!("another {}", place.display());
                    return Err(BackupError::NotEmpty { what, fix: "move its folder away first, keys excepted" });
                }
                drafts.there.insert(part.name.clone());
            }
            drafts.wanted.push((part.name.clone(), place));
        }
        Ok(drafts)
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        if self.there.contains(name) {
            return Ok(());
        }
        if self.open.as_ref().is_none_or(|(open, ..)| open != name) {
            self.close()?;
            self.open = Some(self.begin(name)?);
        }
        match &mut self.open {
            Some((_, path, file)) => file.write_all(bytes).map_err(BackupError::file("write", path)),
            None => Ok(()),
        }
    }

    fn begin(&mut self, name: &str) -> Result<(String, PathBuf, File), BackupError> {
        let wanted = self.wanted.iter().find(|(wanted, _)| wanted == name);
        let place = wanted
            .map(|(_, place)| place)
            .ok_or_else(|| BackupError::damaged(Path::new(name), "it is not in the manifest"))?;
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder).map_err(BackupError::file("make the folder", folder))?;
        }
        let draft = draft_of(place);
        let file = File::options().write(true).create(true).truncate(true).mode(0o640).open(&draft);
        let file = file.map_err(BackupError::file("write", &draft))?;
        self.written.push(draft.clone());
        Ok((name.to_owned(), draft, file))
    }

    fn close(&mut self) -> Result<(), BackupError> {
        match self.open.take() {
            Some((_, path, file)) => file.sync_all().map_err(BackupError::file("write", &path)),
            None => Ok(()),
        }
    }

    /// Where the file of that name is now.
    pub(super) fn now_at(&self, name: &str) -> Option<PathBuf> {
        let (_, place) = self.wanted.iter().find(|(wanted, _)| wanted == name)?;
        Some(if self.there.contains(name) { place.clone() } else { draft_of(place) })
    }

    /// Puts them there.
    pub(super) fn place(mut self) -> Result<(), BackupError> {
        for (name, place) in &self.wanted {
            if !self.there.contains(name) {
                std::fs::rename(draft_of(place), place).map_err(BackupError::file("write", place))?;
                platform::files::sync_folder(place).map_err(BackupError::file("write", place))?;
            }
        }
        self.written.clear();
        Ok(())
    }
}

impl Drop for Drafts {
    fn drop(&mut self) {
        for draft in &self.written {
            drop(std::fs::remove_file(draft));
        }
    }
}
