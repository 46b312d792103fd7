//! What can go wrong with a person's data.

use domain::access::{Forbidden, StepUpNeeded};
use store::StoreError;

use crate::access::AccessError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// No such person.
    #[error("there is no such user")]
    NotFound,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A fresh proof is needed, or a person instead of a key.
    #[error(transparent)]
    StepUp(#[from] StepUpNeeded),
    /// The rules of access stand against it.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The archive could not be written.
    #[error("the archive could not be written")]
    Archive(#[from] std::io::Error),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
