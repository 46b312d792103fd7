//! What can go wrong with sealed values, in words for whoever runs the installation. Never a key, never a value.

use std::io;
use std::path::PathBuf;

/// What can go wrong with sealed values.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No master key is configured.
    #[error(
        "there is no master key to seal secrets with: name a file in vault.key_file (wheelhouse secrets rotate makes it), or \
         give vault.keys"
    )]
    NoKey,
    /// The file is not there.
    #[error("the key file {} is not there; wheelhouse secrets rotate makes it, unless secrets were sealed with another one", .0.display())]
    NoFile(PathBuf),
    /// Others may read or change the file.
    #[error("the key file {} may be read or changed by others (mode {mode:o}); chmod 600 it", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file can't be read or written.
    #[error("the key file {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The keys are not written as they should be.
    #[error(
        "line {line} of the master keys is not a version, a colon and 32 bytes in base64, such as 1:…; versions are numbers from 1, each once"
    )]
    BadKeys {
        /// The line, from 1.
        line: usize,
    },
    /// A version is to be added or removed, and the keys are not in a file.
    #[error("the master keys come from the configuration: add a version to vault.keys there, then rotate again")]
    NotAFile,
    /// Somebody else rotates the keys of this file.
    #[error("another rotation is at work; wait until it has ended")]
    Busy,
    /// Sealed under a master key that is not among those we have.
    #[error("sealed under version {0} of the master key, which is not among the keys here")]
    UnknownVersion(u32),
    /// Not sealed for this place, or changed since.
    #[error("this is not what was sealed for this place")]
    Refused,
    /// The cipher itself failed; happens for values beyond 64 GiB only.
    #[error("the value can't be sealed")]
    Cipher,
}
