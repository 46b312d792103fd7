//! Turns a panic of a handler into a 500 problem. The message goes to the log, never to the client.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

/// The answer after a panic, for `tower_http::catch_panic::CatchPanicLayer::custom`.
#[must_use]
pub fn answer(payload: Box<dyn Any + Send + 'static>) -> Response {
    let message = payload
        .downcast::<String>()
        .map(|text| *text)
        .or_else(|other| other.downcast::<&'static str>().map(|text| (*text).to_owned()));
    ApiError::internal(Panicked(message.unwrap_or_else(|_| "no message".to_owned()))).into_response()
}
