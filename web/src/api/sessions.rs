//! Sessions: one's own and other people's.

use contract::page::Page;
use contract::paths;
use contract::session::SessionItemView;
use domain::ids::{SessionId, UserId};

use super::{ApiError, client};

/// One's own.
pub async fn mine() -> Result<Page<SessionItemView>, ApiError> {
    client::get(paths::PROFILE_SESSIONS).await
}

/// Ends one of one's own.
pub async fn end(id: SessionId) -> Result<(), ApiError> {
    client::delete(&paths::with_id(paths::PROFILE_SESSION, id)).await
}

/// Ends all of one's own but this one.
pub async fn end_others() -> Result<(), ApiError> {
    client::delete(paths::PROFILE_SESSIONS).await
}

/// Somebody's.
pub async fn of(id: UserId) -> Result<Page<SessionItemView>, ApiError> {
    client::get(&paths::with_id(paths::USER_SESSIONS, id)).await
}

/// Ends all of somebody's.
pub async fn end_of(id: UserId) -> Result<(), ApiError> {
    client::delete(&paths::with_id(paths::USER_SESSIONS, id)).await
}
