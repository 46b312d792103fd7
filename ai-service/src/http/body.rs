//! The body of a request, refused in OpenAI's shape, and who sent it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::header;
use serde_json::Value;

use super::error::OpenAiError;
use super::fields::Fields;

/// Longest name of a user that is told apart.
const LONGEST_USER: usize = 256;

/// The fields of a request and who sent it.
pub struct Asked {
    /// The fields.
    pub fields: Fields,
    /// Whose turn it uses up: the field `user`, else the key, else the address.
    pub caller: String,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = OpenAiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OpenAiError> {
        let sender = sender(&request);
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection: BytesRejection| OpenAiError::body(rejection.status(), rejection.body_text()))?;
        let body: Value = serde_json::from_slice(&bytes)
            .map_err(|error| OpenAiError::invalid(format!("the body is not JSON: {error}")))?;
        let mut fields = Fields::of(body)?;
        let user = fields.text("user")?;
        if user.as_ref().is_some_and(|user| user.len() > LONGEST_USER) {
            return Err(OpenAiError::field("user", format!("no longer than {LONGEST_USER} bytes")));
        }
        Ok(Self { fields, caller: user.map_or(sender, |user| format!("user:{user}")) })
    }
}

/// Who sent a request that names no user. Keys are not kept, only told apart.
fn sender(request: &Request) -> String {
    if let Some(key) = request.headers().get(header::AUTHORIZATION) {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        return format!("key:{:x}", hasher.finish());
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or_else(|| "unknown".to_owned(), |ConnectInfo(peer)| format!("address:{}", peer.ip()))
}
