//! `Path<T>`: a path parameter of the right type, or 400 `invalid_path` with its name.

use axum::extract::FromRequestParts;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use contract::problem::code;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// A path parameter.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(rejection)) => Err(refusal(rejection.kind())),
            Err(other) => Err(ApiError::internal(other)),
        }
    }
}

fn refusal(kind: &ErrorKind) -> ApiError {
    let (name, message) = match kind {
        ErrorKind::ParseErrorAtKey { key, expected_type, .. } => (key.clone(), format!("must be a {expected_type}")),
        ErrorKind::DeserializeError { key, .. } => (key.clone(), "must be a UUID".to_owned()),
        ErrorKind::InvalidUtf8InPathParam { key } => (key.clone(), "must be UTF-8".to_owned()),
        _ => ("id".to_owned(), "must be a UUID".to_owned()),
    };
    ApiError::new(code::INVALID_PATH, format!("{name} in the address {message}.")).field(&name, "wrong_type", message)
}
