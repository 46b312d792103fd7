//! What can go wrong with people, roles, teams and invitations.

use domain::access::{Forbidden, StepUpNeeded};
use store::StoreError;

use crate::identity::IdentityError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// There is no such user, role, team or invitation.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It has another version than the one the change was meant for.
    #[error("somebody changed it meanwhile")]
    Changed,
    /// Nobody would be left who may do everything.
    #[error("this is the last owner who can sign in; make another owner first")]
    LastOwner,
    /// An owner is made and unmade by owners.
    #[error("only an owner can make, change or remove an owner")]
    OwnersOnly,
    /// The asking person holds less than that.
    #[error("this gives or takes more than you hold yourself: {what}")]
    TooMuch {
        /// What it would take, in words.
        what: String,
    },
    /// Somebody holds the role, or is invited to it.
    #[error("{holders} people hold this role and {invited} are invited to it; give them another one first")]
    RoleInUse {
        /// People who hold it.
        holders: u64,
        /// People who are invited to it.
        invited: u64,
    },
    /// The name is taken.
    #[error("there is a {what} of this name already")]
    NameTaken {
        /// A role or a team.
        what: &'static str,
    },
    /// There are as many as there can be.
    #[error("there are {limit} already, which is as many as there can be")]
    TooMany {
        /// How many.
        limit: u64,
    },
    /// A field can't be taken.
    #[error("{message}")]
    Field {
        /// The field, as a dotted path into the body.
        field: String,
        /// A stable code.
        code: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// There is a user or an open invitation with that e-mail address.
    #[error("{0}")]
    EmailTaken(&'static str),
    /// The invitation's link is unknown, used, replaced, revoked or ran out, or who invited may no longer do so.
    #[error("this invitation was used, replaced, withdrawn or has run out; ask for a new one")]
    LinkSpent,
    /// The invitation was answered or withdrawn.
    #[error("this invitation was answered or withdrawn")]
    NotOpen,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It is long since the actor proved who they are.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// The person could not be made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl AccessError {
    pub(super) fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Field { field: field.into(), code, message: message.into() }
    }
}

impl From<crate::sessions::SessionError> for AccessError {
    fn from(error: crate::sessions::SessionError) -> Self {
        Self::Identity(error.into())
    }
}
