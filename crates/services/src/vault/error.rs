//! What can go wrong with a rotation.

use std::path::PathBuf;

use platform::vault::VaultError;
use store::StoreError;

/// What can go wrong. What was rewrapped before it stays; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The master keys are not usable.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There are sealed values, and not the file with the keys that they were sealed with.
    #[error(
        "{count} values of the database are sealed, and the file with their keys is not there: {}. Put it back from its backup, \
         or name where it is in vault.key_file; a new one would open none of them. When it is lost for good: \"A lost key \
         file\" in docs/secrets.md", file.display()
    )]
    KeyLost {
        /// How many.
        count: u64,
        /// The file.
        file: PathBuf,
    },
    /// Old keys are still needed.
    #[error("the old master keys stay: {0} values could not be brought to the newest one")]
    StillNeeded(u64),
    /// Another rotation did not end in time.
    #[error("another rotation is at work on these values; wait until it has ended")]
    Busy,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
