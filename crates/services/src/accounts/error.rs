//! What can go wrong with accounts.

use domain::access::Forbidden;
use domain::cloud::CloudError;
use platform::vault::VaultError;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A field of a new account is wrong.
    #[error("{message}")]
    Invalid {
        /// The field of the request: `name`, `regions`, `role_arn`, `external_id`, `endpoint_url`.
        field: &'static str,
        /// A stable code: `required`, `invalid`, `duplicate`, `not_allowed`.
        code: &'static str,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// There is an account of that name.
    #[error("there is an account of this name already")]
    NameTaken,
    /// No such account.
    #[error("there is no such account")]
    NotFound,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No connection to AWS could be made at all.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// Its external id can't be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
