//! Turns a panic of a handler into a 500 problem. The message goes to the log, without what looks like a secret, and never
//! to the client.

use std::any::Any;

use axum::response::{IntoResponse, Response};
use platform::errors::panics;
use platform::errors::scrub::scrub;

use crate::error::ApiError;

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

/// The answer after a panic that left `payload`.
#[must_use]
pub fn answer(payload: &(dyn Any + Send)) -> Response {
    let words = scrub(panics::text(payload));
    ApiError::internal(Panicked(words)).into_response()
}
