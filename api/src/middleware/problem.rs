//! Renders every error of the API as a problem with the request id, and logs it, once. Errors that did not come from a
//! handler of ours (a layer, the router) get the problem that belongs to their status.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use contract::problem::{MEDIA_TYPE, code};
use http::StatusCode;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use platform::request_id::RequestContext;

use super::for_programs;
use crate::error::{ApiError, Unrendered};

/// The layer. It must lie inside the one that sets the request id.
pub async fn problem(request: Request, next: Next) -> Response {
    let request_id = request_id(&request);
    let program = for_programs(request.uri().path());
    let mut response = next.run(request).await;
    let stray = || {
        let status = response.status();
        let mine = response.headers().get(CONTENT_TYPE).is_some_and(|v| v.as_bytes() == MEDIA_TYPE.as_bytes());
        (program && (status.is_client_error() || status.is_server_error()) && !mine).then(|| by_status(status))
    };
    let rendered = match response.extensions().get::<Unrendered>() {
        Some(unrendered) => {
            unrendered.0.log();
            unrendered.0.render(&request_id)
        }
        None => match stray() {
            // The health checks have a shape of their own; a 503 there is an answer, not an error.
            Some(Some(error)) => {
                error.log();
                error.render(&request_id)
            }
            _ => return response,
        },
    };
    let (rendered, body) = rendered.into_parts();
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.extend(rendered.headers);
    *response.status_mut() = rendered.status;
    *response.body_mut() = body;
    response
}

fn request_id(request: &Request) -> String {
    request.extensions().get::<RequestContext>().map(|context| context.request_id.clone()).unwrap_or_default()
}

/// The problem that belongs to a status which nobody explained.
fn by_status(status: StatusCode) -> Option<ApiError> {
    let error = match status {
        StatusCode::NOT_FOUND => no_such_address(),
        StatusCode::METHOD_NOT_ALLOWED => method_not_allowed(),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(code::BODY_TOO_LARGE, "The body is too large."),
        StatusCode::INTERNAL_SERVER_ERROR => ApiError::internal("a layer answered 500"),
        _ => return None,
    };
    Some(error)
}

/// 404 for an address that no route has.
#[must_use]
pub fn no_such_address() -> ApiError {
    ApiError::new(code::NOT_FOUND, "There is no such address. GET /api/v1/openapi.json lists those there are.")
}

/// 405 for an address that has other methods; the header `Allow` names them.
#[must_use]
pub fn method_not_allowed() -> ApiError {
    ApiError::new(code::METHOD_NOT_ALLOWED, format!("The address takes other methods; the header {ALLOW} names them."))
}
