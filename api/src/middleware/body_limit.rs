//! Refuses a body that says it is too large before anything is kept, and hands the limit to the `Json` extractor, which counts
//! what is really sent. That the refusal reaches a client that is still sending is `platform::unread`'s.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::CONTENT_LENGTH;

use crate::error::ApiError;
use crate::extract::{BodyLimit, too_large};

/// The layer. `limit` is in bytes.
///
/// # Errors
/// 413 `body_too_large`.
pub async fn body_limit(
    State(limit): State<BodyLimit>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if announced.is_some_and(|length: u64| length > limit.0 as u64) {
        return Err(too_large(limit.0));
    }
    request.extensions_mut().insert(limit);
    Ok(next.run(request).await)
}
