//! `GET /api/v1/openapi.json`.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use contract::paths;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::openapi::openapi_json;

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_json);

/// This document.
///
/// The OpenAPI 3.1 document of the API. Needs no sign-in.
#[utoipa::path(
    get,
    path = paths::OPENAPI,
    tag = "meta",
    responses((status = 200, description = "The document.", body = serde_json::Value)),
)]
pub async fn fetch_openapi() -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")];
    (headers, DOCUMENT.as_str()).into_response()
}
