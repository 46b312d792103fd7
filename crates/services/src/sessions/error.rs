//! What can go wrong with sessions.

use domain::access::Forbidden;
use store::StoreError;

use crate::identity::password::HashingFailed;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is none, or it is somebody else's.
    #[error("there is no such session")]
    NotFound,
    /// There is no such person.
    #[error("there is no such user")]
    NoSuchUser,
    /// The password that was to prove who is there is wrong.
    #[error("this is not your password")]
    NotProved,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Hashing failed.
    #[error("the password could not be checked")]
    Hashing(#[from] HashingFailed),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
