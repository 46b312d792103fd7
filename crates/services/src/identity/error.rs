//! What can go wrong with first run, sign-in and users.

use domain::access::Forbidden;
use store::StoreError;

use super::password::{HashingFailed, WeakPassword};

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// E-mail address or password is wrong; which one is not told.
    #[error("the e-mail address or the password is wrong")]
    BadCredentials,
    /// The one-time link is unknown, used, replaced or ran out.
    #[error(
        "this one-time link was used, replaced or has run out; `wheelhouse` prints a new one at its start as long as there is no owner"
    )]
    LinkSpent,
    /// The password is not taken.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// Not an e-mail address.
    #[error("this is not an e-mail address")]
    InvalidEmail,
    /// There is a user with that e-mail address.
    #[error("there is a user with this e-mail address already")]
    EmailTaken,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hashing(#[from] HashingFailed),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<crate::sessions::SessionError> for IdentityError {
    fn from(error: crate::sessions::SessionError) -> Self {
        match error {
            crate::sessions::SessionError::Store(error) => Self::Store(error),
        }
    }
}
