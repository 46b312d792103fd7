//! The master keys: one line per version, `N:base64 of 32 bytes`, in a file that only its owner may write and others may not
//! read. The file is replaced as a whole, never written in place, so that a reader sees the old one or the new one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::PathBuf;
use std::time::SystemTime;

use aws_lc_rs::aead::LessSafeKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::FillRandom;
use super::envelope::{cipher, number};
use super::error::VaultError;
use crate::files::{private, sync_folder, too_open};

/// Bytes of a key.
pub const KEY_LENGTH: usize = 32;
/// Bytes a key file has at most: some hundred versions.
const MOST_BYTES: u64 = 64 * 1024;

/// The master keys by version, at least one.
pub struct MasterKeys(BTreeMap<u32, Master>);

struct Master {
    bytes: [u8; KEY_LENGTH],
    cipher: LessSafeKey,
}

impl MasterKeys {
    /// One key, as version 1.
    ///
    /// # Errors
    /// [`VaultError::Cipher`], which a key of this length never is.
    pub fn single(key: [u8; KEY_LENGTH]) -> Result<Self, VaultError> {
        Ok(Self(BTreeMap::from([(1, Master { bytes: key, cipher: cipher(&key)? })])))
    }

    /// Reads `N:base64`, one per line or separated by commas; blank lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// [`VaultError::BadKeys`] with the line; [`VaultError::NoKey`] when there is none.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut keys = BTreeMap::new();
        for (at, line) in text.split(['\n', ',']).map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bad = || VaultError::BadKeys { line: at + 1 };
            let (version, key) = line.split_once(':').ok_or_else(bad)?;
            let version = number(version).ok_or_else(bad)?;
            let bytes = STANDARD.decode(key).ok().and_then(|bytes| <[u8; KEY_LENGTH]>::try_from(bytes).ok());
            let bytes = bytes.ok_or_else(bad)?;
            if keys.insert(version, Master { bytes, cipher: cipher(&bytes)? }).is_some() {
                return Err(bad());
            }
        }
        if keys.is_empty() { Err(VaultError::NoKey) } else { Ok(Self(keys)) }
    }

    /// The newest version.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.0.last_key_value().map_or(0, |(version, _)| *version)
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.keys().copied()
    }

    pub(super) fn has(&self, version: u32) -> bool {
        self.0.contains_key(&version)
    }

    pub(super) fn get(&self, version: u32) -> Option<&LessSafeKey> {
        self.0.get(&version).map(|master| &master.cipher)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (version, master) in &self.0 {
            writeln!(text, "{version}:{}", STANDARD.encode(master.bytes)).expect("writing to a string cannot fail");
        }
        text
    }
}

impl std::fmt::Debug for MasterKeys {
    /// The versions, not the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What tells one state of the file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    file: u64,
    length: u64,
    changed: Option<SystemTime>,
}

/// The turn to rotate the keys of a file: it ends when this is dropped, or with the process.
#[derive(Debug)]
pub struct Turn {
    /// Held for its lock.
    _file: File,
}

/// The file with the master keys.
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) make: bool,
}

impl KeyFile {
    /// What state the file is in: one look at the directory, cheap enough for each use.
    pub(super) fn look(&self) -> Result<Seen, VaultError> {
        std::fs::metadata(&self.path).map(|metadata| seen(&metadata)).map_err(|source| self.fault(source))
    }

    /// The keys, and the state of the file they were read from.
    pub(super) fn read(&self) -> Result<(MasterKeys, Seen), VaultError> {
        let file = File::open(&self.path).map_err(|source| self.fault(source))?;
        let metadata = file.metadata().map_err(|source| self.fault(source))?;
        if let Some(mode) = too_open(&metadata) {
            return Err(VaultError::TooOpen { path: self.path.clone(), mode });
        }
        let mut text = String::new();
        file.take(MOST_BYTES).read_to_string(&mut text).map_err(|source| self.fault(source))?;
        Ok((MasterKeys::parse(&text)?, seen(&metadata)))
    }

    /// Makes the file with a first key, where it is not there and may be made. Processes that do so at once agree on one.
    pub(super) fn make_if_wanted(&self, random: &FillRandom) -> Result<(), VaultError> {
        if !self.make || self.path.exists() {
            return Ok(());
        }
        let mut key = [0; KEY_LENGTH];
        random(&mut key);
        self.locked(|| if self.path.exists() { Ok(()) } else { self.replace(&MasterKeys::single(key)?) })
    }

    /// Adds a version and says which.
    pub(super) fn append(&self, random: &FillRandom) -> Result<u32, VaultError> {
        let mut bytes = [0; KEY_LENGTH];
        random(&mut bytes);
        self.locked(|| {
            let (mut keys, _) = self.read()?;
            let version = keys.newest().checked_add(1).ok_or(VaultError::Cipher)?;
            keys.0.insert(version, Master { bytes, cipher: cipher(&bytes)? });
            self.replace(&keys)?;
            Ok(version)
        })
    }

    /// Takes the versions before that one out of the file. How many there were.
    pub(super) fn drop_before(&self, version: u32) -> Result<usize, VaultError> {
        self.locked(|| {
            let (mut keys, _) = self.read()?;
            if !keys.has(version) {
                return Err(VaultError::UnknownVersion(version));
            }
            let before = keys.0.len();
            keys.0.retain(|kept, _| *kept >= version);
            if keys.0.len() < before {
                self.replace(&keys)?;
            }
            Ok(before - keys.0.len())
        })
    }

    /// The turn to rotate, which lasts as long as what is given.
    pub(super) fn turn(&self) -> Result<Option<Turn>, VaultError> {
        self.make_folder()?;
        let file = match private().create(true).truncate(false).open(self.beside("rotating")) {
            Ok(file) => file,
            // Mounted to be read only, as orchestrators hand secrets out: whoever can't change it here needs no turn.
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                return Ok(None);
            }
            Err(source) => return Err(self.fault(source)),
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Turn { _file: file })),
            Err(TryLockError::WouldBlock) => Err(VaultError::Busy),
            Err(TryLockError::Error(source)) => Err(self.fault(source)),
        }
    }

    fn make_folder(&self) -> Result<(), VaultError> {
        match self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => std::fs::create_dir_all(folder).map_err(|source| self.fault(source)),
            None => Ok(()),
        }
    }

    /// One change of the file at a time, whichever process makes it.
    fn locked<T>(&self, change: impl FnOnce() -> Result<T, VaultError>) -> Result<T, VaultError> {
        self.make_folder()?;
        let lock = private().create(true).truncate(false).open(self.beside("lock")).map_err(|s| self.fault(s))?;
        lock.lock().map_err(|source| self.fault(source))?;
        change()
    }

    /// Puts a new file in the place of this one, whole and on the disk.
    fn replace(&self, keys: &MasterKeys) -> Result<(), VaultError> {
        let new = self.beside("new");
        let write = || -> io::Result<()> {
            // What a process left that died here.
            match std::fs::remove_file(&new) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = private().create_new(true).open(&new)?;
            file.write_all(keys.text().as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&new, &self.path)?;
            sync_folder(&self.path)
        };
        write().map_err(|source| self.fault(source))
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        self.path.with_file_name(name)
    }

    fn fault(&self, source: io::Error) -> VaultError {
        if source.kind() == ErrorKind::NotFound && !self.path.exists() {
            return VaultError::NoFile(self.path.clone());
        }
        VaultError::File { path: self.path.clone(), source }
    }
}

#[cfg(unix)]
fn seen(metadata: &std::fs::Metadata) -> Seen {
    use std::os::unix::fs::MetadataExt as _;
    Seen { file: metadata.ino(), length: metadata.len(), changed: metadata.modified().ok() }
}

#[cfg(not(unix))]
fn seen(metadata: &std::fs::Metadata) -> Seen {
    Seen { file: 0, length: metadata.len(), changed: metadata.modified().ok() }
}
