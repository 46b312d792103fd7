//! What can go wrong with first run, sign-in, second factors, mailed codes and one's own password.

use std::time::Duration;

use domain::access::{Forbidden, StepUpNeeded};
use platform::vault::VaultError;
use store::StoreError;

use super::password::{HashingFailed, WeakPassword};
use crate::sessions::SessionError;

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
    /// The link for a new password is unknown, used, replaced or ran out.
    #[error("this link was used, replaced or has run out; ask for a new one")]
    ResetSpent,
    /// The code is wrong, was used, or has run out; which of them is not told.
    #[error("the code is wrong, was used or has run out")]
    BadCode,
    /// The sign-in that waited for a second factor is unknown, over, or had too many tries.
    #[error("this sign-in is over; begin again with your password")]
    ChallengeOver,
    /// Too many wrong codes.
    #[error("there were too many wrong codes; wait, then try again")]
    TooManyTries {
        /// Until tries are taken again.
        wait: Duration,
    },
    /// There is a second factor already.
    #[error("codes of an app are asked for already; turn that off first")]
    SecondFactorOn,
    /// There is no second factor.
    #[error("no second factor was begun")]
    NoSecondFactor,
    /// No mail server is configured.
    #[error("this installation sends no mail; sign in with your password, or ask an administrator")]
    MailOff,
    /// The current password is wrong.
    #[error("this is not your current password")]
    WrongPassword,
    /// The password is not taken.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// Not an e-mail address.
    #[error("this is not an e-mail address")]
    InvalidEmail,
    /// There is a user with that e-mail address.
    #[error("there is a user with this e-mail address already")]
    EmailTaken,
    /// The object was changed meanwhile.
    #[error("it was changed meanwhile; look at it again")]
    Changed,
    /// The user is no longer there.
    #[error("there is no such user")]
    NotFound,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The actor is to prove who they are first.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hashing(#[from] HashingFailed),
    /// The secret could not be sealed or opened.
    #[error("a secret could not be sealed or opened")]
    Vault(#[from] VaultError),
    /// The secret is none that codes can be reckoned from.
    #[error("a second factor could not be made")]
    Totp(#[source] totp_rs::TotpError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<SessionError> for IdentityError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotFound | SessionError::NoSuchUser => Self::NotFound,
            SessionError::NotProved => Self::WrongPassword,
            SessionError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            SessionError::Hashing(failed) => Self::Hashing(failed),
            SessionError::Store(error) => Self::Store(error),
        }
    }
}
