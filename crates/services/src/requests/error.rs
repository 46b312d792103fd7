//! What can go wrong with requests.

use domain::access::Forbidden;
use domain::requests::rules::BadRequest;
use store::StoreError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no such request, or not for this actor.
    #[error("there is no such request")]
    NotFound,
    /// It is not open any more.
    #[error("this request is not open any more")]
    NotOpen,
    /// Somebody has as many open ones as there can be.
    #[error("you have {0} open requests, which is as many as there can be; withdraw one first")]
    TooMany(u64),
    /// Fields that can't be taken.
    #[error("some fields are wrong")]
    Fields(Vec<BadRequest>),
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed, or the cursor does not belong to this list.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
