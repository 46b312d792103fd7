//! One's own desktops, and what people ask for.

use contract::desktop::MyDesktopsView;
use contract::page::Page;
use contract::paths;
use contract::requests::{CreateRequestRequest, RequestDetailView, RequestQuery, RequestView};
use domain::ids::RequestId;

use super::{ApiError, client};

/// One's own desktops.
pub async fn desktops() -> Result<MyDesktopsView, ApiError> {
    client::get(paths::DESKTOP).await
}

/// One page of the requests.
pub async fn list(query: &RequestQuery) -> Result<Page<RequestView>, ApiError> {
    client::get_query(paths::REQUESTS, query).await
}

/// One of them, with how it came to stand as it does.
pub async fn get(id: RequestId) -> Result<RequestDetailView, ApiError> {
    client::get(&paths::with_id(paths::REQUEST, id)).await
}

/// Asks for something.
pub async fn create(request: &CreateRequestRequest) -> Result<RequestDetailView, ApiError> {
    client::post(paths::REQUESTS, request).await
}

/// Takes one back.
pub async fn withdraw(id: RequestId) -> Result<(), ApiError> {
    client::delete(&paths::with_id(paths::REQUEST, id)).await
}
