//! What can go wrong with saved views.

use domain::access::Forbidden;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// There is none, or none that the actor may see.
    #[error("there is no such view")]
    NotFound,
    /// It has another version than the one the change was meant for.
    #[error("the view was changed meanwhile")]
    Changed,
    /// One of the same person's has the name.
    #[error("you have a view of this name already")]
    NameTaken,
    /// The name is blank.
    #[error("must not be blank")]
    BlankName,
    /// Somebody has as many as there can be.
    #[error("you have {0} views, which is as many as there can be; delete one first")]
    TooMany(u64),
    /// It is somebody else's.
    #[error("this view is somebody else's: only who made it changes it; save one of your own instead")]
    NotYours,
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed, or the cursor does not belong to this list.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
