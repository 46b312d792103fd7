//! `IfMatch`: which version of an object the client means to change, and `etag`, which tells it. An edit without the header
//! is done whatever the version: who wants to be sure sends it. Lists have no entity tags.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponseParts, ResponseParts};
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::error::ApiError;

/// A version that no object has: an entity tag of somebody else, or a weak one, matches nothing (RFC 9110, 13.1.1).
const NONE_OF_OURS: i64 = -1;

/// The condition of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(Option<i64>);

impl IfMatch {
    /// The version that must be there; `None` when any will do (no header, or `*`). For the service, which compares it within
    /// its transaction.
    #[must_use]
    pub fn expected(self) -> Option<i64> {
        self.0
    }

    /// Ok when an object of that version may be changed.
    ///
    /// # Errors
    /// 412 `precondition_failed`.
    pub fn check(self, version: i64) -> Result<(), ApiError> {
        match self.0 {
            Some(expected) if expected != version => Err(ApiError::precondition_failed()),
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        read(&parts.headers).map(Self)
    }
}

fn read(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let wrong = || ApiError::header("If-Match", "must be one entity tag in quotes, as the header ETag gave it, or *");
    let mut given = headers.get_all(IF_MATCH).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| wrong())?.trim();
    if given.next().is_some() {
        return Err(wrong());
    }
    if text == "*" {
        return Ok(None);
    }
    let weak = text.starts_with("W/");
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    let tag = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|tag| !tag.contains('"'));
    let version = tag.ok_or_else(wrong)?.parse::<i64>().ok();
    // A tag has one spelling: what is parsed and written again must be the same.
    let ours = version.filter(|version| !weak && *version >= 0 && Some(version.to_string().as_str()) == tag);
    Ok(Some(ours.unwrap_or(NONE_OF_OURS)))
}

/// The header `ETag` of an answer that shows one object: `(etag(version), Json(view))`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etag(HeaderValue);

/// The entity tag of a version.
#[must_use]
pub fn etag(version: i64) -> Etag {
    // Digits in quotes are always a header's value.
    Etag(HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"\"")))
}

impl Etag {
    /// The header's text, for an answer that is kept.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.to_str().unwrap_or_default().to_owned()
    }
}

impl IntoResponseParts for Etag {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().insert(ETAG, self.0);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use contract::problem::code;

    use super::*;

    fn given(values: &[&'static str]) -> Result<Option<i64>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, HeaderValue::from_static(value));
        }
        read(&headers).map_err(|error| error.code())
    }

    #[test]
    fn the_matrix() {
        assert_eq!(given(&[]), Ok(None));
        assert_eq!(given(&["*"]), Ok(None));
        assert_eq!(given(&["\"7\""]), Ok(Some(7)));
        assert_eq!(given(&[" \"7\" "]), Ok(Some(7)));
        for other in ["W/\"7\"", "\"\"", "\"07\"", "\"+7\"", "\"-7\"", "\"x\"", "\"99999999999999999999\""] {
            assert_eq!(given(&[other]), Ok(Some(NONE_OF_OURS)), "{other}");
        }
        for wrong in ["7", "\"7", "\"7\", \"8\"", "", "w/\"7\"", "'7'", "**"] {
            assert_eq!(given(&[wrong]), Err(code::INVALID_HEADER), "{wrong}");
        }
        assert_eq!(given(&["\"7\"", "\"7\""]), Err(code::INVALID_HEADER));
    }

    #[test]
    fn only_the_version_that_is_there_may_be_changed() {
        assert!(IfMatch(None).check(3).is_ok() && IfMatch(Some(3)).check(3).is_ok());
        for stale in [2, 4, NONE_OF_OURS] {
            assert_eq!(IfMatch(Some(stale)).check(3).unwrap_err().status(), 412);
        }
    }

    #[test]
    fn what_the_answer_says_can_be_sent_back() {
        let response = (etag(41), "view").into_response();
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, response.headers()[ETAG].clone());
        assert_eq!(read(&headers).ok().flatten(), Some(41));
    }
}
