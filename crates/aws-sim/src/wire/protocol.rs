//! The wire protocols: how a request says which it speaks, and how its body is read and its answer written in it.
//!
//! Operations with one protocol read and write their bodies themselves; those with several read a JSON value
//! ([`Protocol::value`]) and answer a [`Tree`]. It knows no operation.

use axum::http::{HeaderMap, Uri};
use serde_json::Value;

use super::{cbor, query, tree::Tree};

/// How a request and its answer are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The operation in `X-Amz-Target`, JSON both ways; 1.0 and 1.1 differ in nothing else.
    Json { one_zero: bool },
    /// A form in, XML out.
    Query,
    /// Smithy RPC v2: the operation in the path, CBOR both ways.
    Cbor,
}

impl Protocol {
    /// What a request speaks.
    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let kind = header("content-type").unwrap_or_default();
        if header("smithy-protocol") == Some("rpc-v2-cbor") || uri.path().starts_with("/service/") {
            Self::Cbor
        } else if header("x-amz-target").is_none() && kind.starts_with("application/x-www-form-urlencoded") {
            Self::Query
        } else {
            Self::Json { one_zero: kind.starts_with("application/x-amz-json-1.0") }
        }
    }

    /// Of the answer.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json { one_zero: true } => "application/x-amz-json-1.0",
            Self::Json { one_zero: false } => "application/x-amz-json-1.1",
            Self::Query => "text/xml",
            Self::Cbor => "application/cbor",
        }
    }

    /// The body of a request; `None` when it cannot be read. Query knows text alone, so numbers may be text.
    pub(crate) fn value(self, body: &[u8]) -> Option<Value> {
        match self {
            Self::Json { .. } if body.iter().all(u8::is_ascii_whitespace) => {
                Some(Value::Object(serde_json::Map::new()))
            }
            Self::Json { .. } => serde_json::from_slice(body).ok(),
            Self::Query => query::value(body),
            Self::Cbor => cbor::value(body),
        }
    }

    /// The body of an answer; Query wraps it as that operation's result.
    pub(crate) fn write(self, operation: &str, namespace: &str, request_id: &str, answer: &Tree<'_>) -> Vec<u8> {
        match self {
            Self::Json { .. } => answer.json(),
            Self::Query => query::wrap(operation, namespace, request_id, answer).into_bytes(),
            Self::Cbor => cbor::write(answer),
        }
    }
}
