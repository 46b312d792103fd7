//! People and what they hold.

use contract::page::Page;
use contract::paths;
use contract::users::{SetGrantsRequest, UpdateUserRequest, UserQuery, UserView};
use domain::ids::UserId;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &UserQuery) -> Result<Page<UserView>, ApiError> {
    client::get_query(paths::USERS, query).await
}

/// One of them.
pub async fn get(id: UserId) -> Result<UserView, ApiError> {
    client::get(&paths::with_id(paths::USER, id)).await
}

/// Changes the version that was read.
pub async fn update(id: UserId, request: &UpdateUserRequest, version: i64) -> Result<UserView, ApiError> {
    client::patch_version(&paths::with_id(paths::USER, id), request, version).await
}

/// Replaces what they hold.
pub async fn set_grants(id: UserId, request: &SetGrantsRequest, version: i64) -> Result<UserView, ApiError> {
    client::put_version(&paths::with_id(paths::USER_GRANTS, id), request, version).await
}

/// Removes the version that was read.
pub async fn remove(id: UserId, version: i64) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::USER, id), Some(version)).await
}
