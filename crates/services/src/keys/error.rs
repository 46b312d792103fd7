//! What can go wrong with API keys.

use domain::access::{Forbidden, StepUpNeeded};
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is none, or it is somebody else's.
    #[error("there is no such key")]
    NotFound,
    /// There is no such person, or they may not sign in.
    #[error("there is no enabled user with this e-mail address")]
    NoSuchUser,
    /// Somebody who may see and end everybody's keys wants to change one.
    #[error("only its owner can rename or rotate a key")]
    NotYours,
    /// The person has all the keys they may have.
    #[error("you have {0} keys that work already, which is the most; revoke one first")]
    TooMany(u64),
    /// A name without letters.
    #[error("give the key a name")]
    NoName,
    /// A key that can do nothing.
    #[error("choose at least one permission")]
    NoPermissions,
    /// The key has ended, or another took its place.
    #[error("this key was revoked, has expired or was rotated before")]
    Ended,
    /// Somebody else changed it meanwhile.
    #[error("the key was changed meanwhile")]
    Changed,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A fresh proof of who is there is needed.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
