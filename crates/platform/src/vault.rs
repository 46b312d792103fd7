//! Secrets at rest: values that the database keeps sealed, with AES-256-GCM.
//!
//! Each value has a data key of its own, which is wrapped by a master key; master keys have versions and live outside the
//! database ([`keys`]). A sealed text belongs to one table, row and column ([`Place`]): copied anywhere else it does not
//! open. Not here: which columns are sealed and their rotation (`services::vault`), nor hashes of passwords and tokens, which
//! nobody needs to read back.
//!
//! To seal another column: seal and open it with its [`Place`], and add its line to `services::vault::SEALED`, so that
//! `wheelhouse secrets rotate` finds it.

mod envelope;
mod error;
mod keys;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use envelope::{Place, is_sealed, version_of};
pub use error::VaultError;
pub use keys::{KEY_LENGTH, MasterKeys, Turn};

use crate::config::Config;
use keys::{KeyFile, Seen};

/// Fills a slice with bytes fit for secrets.
pub type FillRandom = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Seals and opens. Cheap to clone; clones share what they know of the key file.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    source: Source,
    random: FillRandom,
    known: Mutex<Known>,
}

/// Where the master keys are.
enum Source {
    /// Nowhere: nothing can be sealed.
    None,
    /// In the configuration; they stay as they are.
    Given,
    /// In a file, which may get more of them while we run.
    File(KeyFile),
}

#[derive(Default)]
struct Known {
    keys: Option<Arc<MasterKeys>>,
    seen: Option<Seen>,
    /// Whether the file must not be made: there was one, which is lost.
    lost: bool,
}

impl Vault {
    /// A vault without keys: it says how to give it one when something is to be sealed.
    #[must_use]
    pub fn none(random: FillRandom) -> Self {
        Self::of(Source::None, random, Known::default())
    }

    /// A vault with these keys, which never change.
    #[must_use]
    pub fn with_keys(keys: MasterKeys, random: FillRandom) -> Self {
        Self::of(Source::Given, random, Known { keys: Some(Arc::new(keys)), ..Known::default() })
    }

    /// A vault whose keys are in a file. It is read at first use, again whenever it has changed. With `make` it is made
    /// (0600, one key) when something is to be sealed and it is not there; not when it was there before, see [`Self::never_make`].
    #[must_use]
    pub fn in_file(path: impl Into<PathBuf>, make: bool, random: FillRandom) -> Self {
        Self::of(Source::File(KeyFile { path: path.into(), make }), random, Known::default())
    }

    /// The vault a configuration asks for: `vault.keys`, `vault.key_file`, or the file beside a SQLite database.
    ///
    /// # Errors
    /// [`VaultError::BadKeys`] for `vault.keys`; a file is read at first use only.
    pub fn configured(config: &Config, random: FillRandom) -> Result<Self, VaultError> {
        if let Some(keys) = &config.vault.keys {
            return Ok(Self::with_keys(MasterKeys::parse(keys.expose())?, random));
        }
        if let Some(file) = &config.vault.key_file {
            return Ok(Self::in_file(file, false, random));
        }
        Ok(match beside_database(config.database.url.expose()) {
            Some(file) => Self::in_file(file, true, random),
            None => Self::none(random),
        })
    }

    fn of(source: Source, random: FillRandom, known: Known) -> Self {
        Self(Arc::new(Inner { source, random, known: Mutex::new(known) }))
    }

    /// The key file, where the keys are in one.
    #[must_use]
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.0.source {
            Source::File(file) => Some(&file.path),
            Source::None | Source::Given => None,
        }
    }

    /// Whether something could be sealed now. Makes no key.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), VaultError> {
        match &self.0.source {
            Source::File(file) if file.make && !file.path.exists() && !self.had_file() => Ok(()),
            _ => self.keys().map(drop),
        }
    }

    /// Seals a value for its place, under the newest master key.
    ///
    /// # Errors
    /// [`VaultError`] when there is no usable master key.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<String, VaultError> {
        if let Source::File(file) = &self.0.source {
            self.make_first(file)?;
        }
        envelope::seal(&*self.keys()?, &*self.0.random, place, plain)
    }

    /// Opens what was sealed for this place, under whichever version of the master key.
    ///
    /// # Errors
    /// [`VaultError::Refused`] for anything that was not sealed for this place, or was changed; [`VaultError::UnknownVersion`]
    /// for a master key that is nowhere; [`VaultError`] when there is no usable master key.
    pub fn open(&self, place: &Place<'_>, sealed: &str) -> Result<Vec<u8>, VaultError> {
        envelope::open(&*self.keys_with(sealed)?, place, sealed)
    }

    /// The same for text.
    ///
    /// # Errors
    /// As [`Self::open`]; [`VaultError::Refused`] too for what is no UTF-8.
    pub fn open_text(&self, place: &Place<'_>, sealed: &str) -> Result<String, VaultError> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| VaultError::Refused)
    }

    /// The same value with its data key wrapped by the newest master key; `None` when it is already. The value itself is
    /// proved to open, and is not sealed anew.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn rewrap(&self, place: &Place<'_>, sealed: &str) -> Result<Option<String>, VaultError> {
        envelope::rewrap(&*self.keys_with(sealed)?, &*self.0.random, place, sealed)
    }

    /// The newest version.
    ///
    /// # Errors
    /// [`VaultError`] when there is no usable master key.
    pub fn newest(&self) -> Result<u32, VaultError> {
        Ok(self.keys()?.newest())
    }

    /// Every version there is, oldest first.
    ///
    /// # Errors
    /// [`VaultError`] when there is no usable master key.
    pub fn versions(&self) -> Result<Vec<u32>, VaultError> {
        Ok(self.keys()?.versions().collect())
    }

    /// Makes the file with its first key where it is not there, whether or not it would be made by itself. Whether it did.
    ///
    /// # Errors
    /// [`VaultError::NotAFile`] where the keys are not in a file; [`VaultError`] when it can't be written.
    pub fn make_file(&self) -> Result<bool, VaultError> {
        let Source::File(file) = &self.0.source else { return Err(VaultError::NotAFile) };
        let missing = !file.path.exists();
        KeyFile { path: file.path.clone(), make: true }.make_if_wanted(&self.0.random)?;
        Ok(missing)
    }

    /// Adds a master key to the file: what is sealed from now on, here and in every process that reads the file, is sealed
    /// under it. Its version.
    ///
    /// # Errors
    /// [`VaultError::NotAFile`] where the keys are not in a file; [`VaultError`] when it can't be written.
    pub fn add_version(&self) -> Result<u32, VaultError> {
        let Source::File(file) = &self.0.source else { return Err(VaultError::NotAFile) };
        self.make_first(file)?;
        let version = file.append(&self.0.random)?;
        self.reload(file)?;
        Ok(version)
    }

    /// Takes the master keys of versions before that one out of the file. Whoever calls it knows that nothing is sealed under
    /// them, and that no backup is to be read that was. How many were removed.
    ///
    /// # Errors
    /// As [`Self::add_version`]; [`VaultError::UnknownVersion`] when that version is not in the file, which stays as it is.
    pub fn drop_versions_before(&self, version: u32) -> Result<usize, VaultError> {
        let Source::File(file) = &self.0.source else { return Err(VaultError::NotAFile) };
        let dropped = file.drop_before(version)?;
        self.reload(file)?;
        Ok(dropped)
    }

    /// One rotation at a time of all that share the file, whichever process it is in: until what this gives is dropped. `None`
    /// where there is nothing to take turns with: the keys are in no file, or in one that this process can't change.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when it is somebody else's turn; [`VaultError::File`].
    pub fn turn(&self) -> Result<Option<Turn>, VaultError> {
        match &self.0.source {
            Source::File(file) => file.turn(),
            Source::None | Source::Given => Ok(None),
        }
    }

    /// From now on the file is not made by itself: values are sealed under keys that were in it, and a new one would only hide
    /// that they are lost. A file that was read once is never made again either way.
    pub fn never_make(&self) {
        self.known().lost = true;
    }

    fn had_file(&self) -> bool {
        let known = self.known();
        known.lost || known.keys.is_some()
    }

    /// Makes the file before the first value of all is sealed.
    fn make_first(&self, file: &KeyFile) -> Result<(), VaultError> {
        if self.had_file() { Ok(()) } else { file.make_if_wanted(&self.0.random) }
    }

    /// The keys as they stand in the file now.
    fn keys(&self) -> Result<Arc<MasterKeys>, VaultError> {
        match &self.0.source {
            Source::None => Err(VaultError::NoKey),
            Source::Given => self.known().keys.clone().ok_or(VaultError::NoKey),
            Source::File(file) => {
                let seen = file.look()?;
                {
                    let known = self.known();
                    if let (Some(keys), true) = (&known.keys, known.seen == Some(seen)) {
                        return Ok(Arc::clone(keys));
                    }
                }
                self.reload(file)
            }
        }
    }

    /// The same, read once more when the text's version is not among them.
    fn keys_with(&self, sealed: &str) -> Result<Arc<MasterKeys>, VaultError> {
        let keys = self.keys()?;
        match (&self.0.source, version_of(sealed)) {
            (Source::File(file), Some(version)) if !keys.has(version) => self.reload(file),
            _ => Ok(keys),
        }
    }

    fn reload(&self, file: &KeyFile) -> Result<Arc<MasterKeys>, VaultError> {
        let (keys, seen) = file.read()?;
        let keys = Arc::new(keys);
        *self.known() = Known { keys: Some(Arc::clone(&keys)), seen: Some(seen), lost: false };
        Ok(keys)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `vault.key` in the folder of a SQLite database; `None` for any other, and for one in memory.
fn beside_database(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().filter(|path| !path.is_empty() && *path != ":memory:")?;
    Some(std::path::Path::new(path).with_file_name("vault.key"))
}

impl fmt::Debug for Vault {
    /// Says where the keys are, never what they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.source {
            Source::None => f.write_str("Vault(no key)"),
            Source::Given => f.write_str("Vault(given keys)"),
            Source::File(file) => write!(f, "Vault({})", file.path.display()),
        }
    }
}
