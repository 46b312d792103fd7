//! What can go wrong with a sign-in at another service.

use domain::access::StepUpNeeded;
use platform::oidc::OidcError;
use store::StoreError;

use crate::sessions::SessionError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum OidcFault {
    /// No provider is configured.
    #[error("single sign-on is not set up here")]
    Off,
    /// Not begun in this browser, come back already, or too late.
    #[error("this sign-in was not begun here or took too long; begin again")]
    NotBegun,
    /// The answer names another provider than the one that was asked.
    #[error("the answer comes from another service than the one that was asked")]
    OtherIssuer,
    /// The provider says no: the person declined, or may not.
    #[error("the sign-in service said no: {0}")]
    Declined(String),
    /// The provider fails, or what it says does not hold.
    #[error(transparent)]
    Provider(#[from] OidcError),
    /// The provider tells no e-mail address, or has not checked it.
    #[error("the sign-in service vouches for no e-mail address of yours; ask an administrator")]
    NoEmail,
    /// There is a user with the address, who has not joined the two.
    #[error(
        "there is a user with your e-mail address; sign in as usual, then join single sign-on to yourself in your profile"
    )]
    EmailTaken,
    /// None of the groups gives a role.
    #[error("none of your groups may use this; ask an administrator")]
    NoRole,
    /// The user is disabled.
    #[error("this user is disabled; ask an administrator")]
    Disabled,
    /// The provider's person is joined to somebody else.
    #[error("that person of the sign-in service belongs to another user here")]
    BelongsToAnother,
    /// The actor is joined to no person of the provider.
    #[error("single sign-on is not joined to you; confirm by your password or code")]
    NotJoined,
    /// Somebody else has signed in at the provider.
    #[error("somebody else signed in there; sign in as yourself to confirm")]
    OtherPerson,
    /// The provider did not ask again who it is, or does not tell when it did.
    #[error("the sign-in service did not ask again who you are, so that nothing is confirmed")]
    NotAgain,
    /// Without password and without a provider nobody could sign in any more.
    #[error("set a password first: without it you could no longer sign in")]
    LastWay,
    /// The actor is to prove who they are first.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl OidcFault {
    /// A stable code for the address that the browser is sent back to.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off => "sso_off",
            Self::NotBegun => "sso_not_begun",
            Self::OtherIssuer => "sso_other_issuer",
            Self::Declined(_) => "sso_declined",
            Self::Provider(_) => "sso_failed",
            Self::NoEmail => "sso_no_email",
            Self::EmailTaken => "sso_email_taken",
            Self::NoRole => "sso_no_role",
            Self::Disabled => "sso_disabled",
            Self::BelongsToAnother => "sso_belongs_to_another",
            Self::NotJoined => "sso_not_joined",
            Self::OtherPerson => "sso_other_person",
            Self::NotAgain => "sso_not_again",
            Self::LastWay => "sso_last_way",
            Self::StepUp(_) => "step_up_required",
            Self::Store(_) => "unavailable",
        }
    }
}

impl From<SessionError> for OidcFault {
    /// Of a session that was to be proved: it has ended meanwhile, or the database failed.
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => Self::Store(error),
            _ => Self::NotBegun,
        }
    }
}
