//! Gives up a request whose answer does not begin in time. A live stream begins at once, so it may last.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use contract::{paths, problem::code};

use crate::error::ApiError;

/// A connection test has 30 seconds of its own, and its answer tells what did not answer by then.
const CONNECTION_TEST: Duration = Duration::from_secs(40);

/// The longest a request may take until its answer begins.
#[derive(Debug, Clone, Copy)]
pub struct RequestTimeout(pub Duration);

/// The layer.
///
/// # Errors
/// 408 `timeout`; the work is dropped, its transaction rolled back.
pub async fn timeout(State(limit): State<RequestTimeout>, request: Request, next: Next) -> Result<Response, ApiError> {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let limit = if route == Some(paths::ACCOUNT_TEST) { limit.0.max(CONNECTION_TEST) } else { limit.0 };
    tokio::time::timeout(limit, next.run(request)).await.map_err(|_| {
        let seconds = limit.as_secs();
        ApiError::new(code::TIMEOUT, format!("It was not done within {seconds} seconds and was given up. Try again."))
    })
}
