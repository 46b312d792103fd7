//! The files of checkpoints: one per month, one signed line after the other, only ever appended to; the signing key, and
//! the public key beside it for whoever checks. Calls block: run them where that is allowed ([`Files::with`]).

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::log::AuditOptions;
use super::seal::{Line, LineKind, PublicKey, SealError, SigningKey};

const PREFIX: &str = "checkpoints-";
const SUFFIX: &str = ".jsonl";

/// The folder and the key's file.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    key_file: PathBuf,
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> SealError {
    let path = path.display().to_string();
    move |source| SealError::File { what, path, source }
}

impl Files {
    pub(super) fn new(options: AuditOptions) -> Self {
        let key_file = options.key_file.unwrap_or_else(|| options.folder.join("audit.key"));
        Self { folder: options.folder, key_file }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs it on a thread that may block.
    pub(super) async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, SealError> + Send + 'static,
    ) -> Result<T, SealError> {
        let files = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&files)).await.unwrap_or(Err(SealError::Stopped))
    }

    /// The signing key; `None` while there is none.
    pub(super) fn key(&self) -> Result<Option<SigningKey>, SealError> {
        let text = match fs::read_to_string(&self.key_file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read the signing key", &self.key_file)(error)),
        };
        let seed = STANDARD.decode(text.trim()).ok().filter(|seed| seed.len() == 32);
        let key = seed.and_then(|seed| SigningKey::from_seed(&seed));
        key.map(Some).ok_or_else(|| SealError::Key(self.key_file.display().to_string()))
    }

    /// The signing key, made of these bytes when there is none. Of two processes that make one, both get the same.
    pub(super) fn key_or_make(&self, seed: [u8; 32]) -> Result<SigningKey, SealError> {
        self.make_folder()?;
        if let Some(key) = self.key()? {
            return Ok(key);
        }
        // Written whole beside its place, then put there unless somebody was quicker: nobody reads half a key.
        let fresh = self.key_file.with_extension(format!("new-{}", std::process::id()));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)
            .map_err(failed("make the signing key", &fresh))?;
        writeln!(file, "{}", STANDARD.encode(seed))
            .and_then(|()| file.sync_all())
            .map_err(failed("write the signing key", &fresh))?;
        let placed = fs::hard_link(&fresh, &self.key_file);
        drop(fs::remove_file(&fresh));
        match placed {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(failed("place the signing key", &self.key_file)(error));
            }
            _ => {}
        }
        let key = self.key()?.ok_or_else(|| SealError::Key(self.key_file.display().to_string()))?;
        let public = self.folder.join("audit.pub");
        fs::write(&public, key.public().pem()).map_err(failed("write the public key", &public))?;
        Ok(key)
    }

    fn make_folder(&self) -> Result<(), SealError> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o750).create(&self.folder);
        made.map_err(failed("make the folder of checkpoints", &self.folder))
    }

    /// Appends a line to the file of its month, lastingly.
    pub(super) fn append(&self, line: &Line) -> Result<(), SealError> {
        let path = self.path_of(line);
        let written = self.add(&path, &line.text());
        written.map_err(failed("write the checkpoint", &path))
    }

    fn path_of(&self, line: &Line) -> PathBuf {
        let month = line.at.get(..7).unwrap_or("unknown");
        self.folder.join(format!("{PREFIX}{month}{SUFFIX}"))
    }

    fn add(&self, path: &Path, line: &str) -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path)?;
        let length = file.metadata()?.len();
        let mut last = *b"\n";
        if length > 0 {
            file.read_exact_at(&mut last, length - 1)?;
        }
        // One write: two processes that append never mix their lines. Behind what somebody left who died while writing, a new
        // line begins all the same.
        let torn = if last == *b"\n" { "" } else { "\n" };
        file.write_all(format!("{torn}{line}\n").as_bytes())?;
        file.sync_data()?;
        // The name of a new file is lasting when its folder is.
        if length == 0 { fs::File::open(&self.folder)?.sync_all() } else { Ok(()) }
    }

    /// Appends those of these lines that are not in the file of their month.
    pub(super) fn append_missing(&self, lines: &[Line]) -> Result<(), SealError> {
        for line in lines {
            let (path, text) = (self.path_of(line), line.text());
            let there = match fs::read_to_string(&path) {
                Ok(there) => there,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
                Err(error) => return Err(failed("read the checkpoints", &path)(error)),
            };
            if !there.lines().any(|line| line == text) {
                self.append(line)?;
            }
        }
        Ok(())
    }

    /// The lines of that folder with where they stand, oldest first; none when there is no such folder.
    pub(super) fn lines_in(folder: &Path) -> Result<Vec<(String, String)>, SealError> {
        let mut lines = Vec::new();
        for path in paths(folder)? {
            let text = fs::read_to_string(&path).map_err(failed("read the checkpoints", &path))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                lines.push((format!("{name}:{}", number + 1), line.to_owned()));
            }
        }
        Ok(lines)
    }

    /// The newest line of that kind that this key signed: the one that reaches furthest in the newest file with any. What is
    /// behind it of another kind, torn or not ours does not matter.
    pub(super) fn newest(&self, key: PublicKey, kind: LineKind) -> Result<Option<Line>, SealError> {
        for path in paths(&self.folder)?.iter().rev() {
            let text = fs::read_to_string(path).map_err(failed("read the checkpoints", path))?;
            let lines = text.lines().filter_map(|line| Line::checked(line, &[key]).ok());
            let newest = lines.filter(|line| line.kind == kind).max_by_key(|line| line.seq);
            if newest.is_some() {
                return Ok(newest);
            }
        }
        Ok(None)
    }
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>, SealError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read the folder of checkpoints", folder)(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed("read the folder of checkpoints", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
