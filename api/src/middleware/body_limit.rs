//! Refuses a body that says it is too large before anything is read, and hands the limit to the `Json` extractor, which
//! counts what is really sent.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;

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
        pass_over(request.into_body(), limit.0.saturating_mul(PASSED_OVER)).await;
        return Err(too_large(limit.0));
    }
    request.extensions_mut().insert(limit);
    Ok(next.run(request).await)
}

/// A body of up to this many times the limit is read and forgotten before it is refused.
const PASSED_OVER: usize = 8;
/// No longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads on without keeping anything: a connection that is closed while the client still sends is reset, and the answer with
/// it; the client would never learn what was wrong.
async fn pass_over(mut body: Body, most: usize) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, |data| data.len());
            if read > most {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or_default();
}
