//! Connected AWS accounts.

use contract::accounts::{AccountView, ConnectionTestView, CreateAccountRequest, StartedJobsView};
use contract::page::Page;
use contract::paths;
use domain::ids::AccountId;

use super::{ApiError, client};

/// The accounts.
pub async fn list() -> Result<Page<AccountView>, ApiError> {
    client::get(paths::ACCOUNTS).await
}

/// Connects one.
pub async fn create(request: &CreateAccountRequest) -> Result<AccountView, ApiError> {
    client::post(paths::ACCOUNTS, request).await
}

/// Tries the connection.
pub async fn test(id: AccountId) -> Result<ConnectionTestView, ApiError> {
    client::post_empty(&paths::with_id(paths::ACCOUNT_TEST, id)).await
}

/// Syncs it now.
pub async fn sync(id: AccountId) -> Result<StartedJobsView, ApiError> {
    client::post_empty(&paths::with_id(paths::ACCOUNT_SYNC, id)).await
}
