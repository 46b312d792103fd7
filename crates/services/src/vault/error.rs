//! What can go wrong with a rotation.

use platform::vault::VaultError;
use store::StoreError;

/// What can go wrong. What was rewrapped before it stays; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The master keys are not usable.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There are sealed values, and not the key that they were sealed with.
    #[error(
        "{0} values are sealed, and their key file is not there: put it back, or name another one in vault.key_file"
    )]
    KeyLost(u64),
    /// Old keys are still needed.
    #[error("the old master keys stay: {0} values could not be brought to the newest one")]
    StillNeeded(u64),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
