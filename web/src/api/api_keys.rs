//! API keys.

use contract::api_keys::{ApiKeyQuery, ApiKeyView, CreateApiKeyRequest, MadeApiKeyView, RotateApiKeyRequest};
use contract::page::Page;
use contract::paths;
use domain::ids::ApiKeyId;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &ApiKeyQuery) -> Result<Page<ApiKeyView>, ApiError> {
    client::get_query(paths::API_KEYS, query).await
}

/// Makes one.
pub async fn create(request: &CreateApiKeyRequest) -> Result<MadeApiKeyView, ApiError> {
    client::post(paths::API_KEYS, request).await
}

/// Replaces one.
pub async fn rotate(id: ApiKeyId, request: &RotateApiKeyRequest) -> Result<MadeApiKeyView, ApiError> {
    client::post(&paths::with_id(paths::API_KEY_ROTATE, id), request).await
}

/// Ends one.
pub async fn revoke(id: ApiKeyId) -> Result<(), ApiError> {
    client::delete(&paths::with_id(paths::API_KEY, id)).await
}
