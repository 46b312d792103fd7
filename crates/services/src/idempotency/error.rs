//! What can go wrong with an idempotency key.

use std::time::Duration;

use platform::vault::VaultError;
use store::StoreError;

/// A key that can't be used now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnceError {
    /// It was used for another request.
    #[error("this key was used for another request; take a new one for each thing you ask for")]
    Mismatch,
    /// The request that it belongs to still runs.
    #[error("the request with this key is still running")]
    InProgress {
        /// When it makes sense to ask again.
        retry_after: Duration,
    },
    /// It was done by a request of another session, and the answer holds a secret.
    #[error("this was done, and answered with a secret that only the session that asked for it can have again")]
    OtherSession,
    /// Answers can't be sealed or opened.
    #[error("answers can't be kept: there is no usable master key (vault.key_file)")]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
