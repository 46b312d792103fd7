//! `Once`: the header `Idempotency-Key` of a request that creates something. The same request with the same key is done once
//! and answered the same each time (`services::idempotency`); without the header nothing is remembered.
//!
//! A handler goes
//! ```text
//! let once = match once.begin(&state, &user.actor, &request).await? { Begun::Fresh(once) => once, Begun::Done(r) => return Ok(r) };
//! let made = services::…(ctx, &user.actor, …, once.keep(answer)).await;
//! once.end(made, answer).await
//! ```
//! where `fn answer(made: &T) -> Answer` is how the answer looks: `json_answer(StatusCode::CREATED, &view)`.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use contract::problem::code;
use domain::access::Actor;
use http::header::{CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use services::idempotency::{self, Answer, Keep, OnceError, Pending};

use crate::error::{ApiError, sentence};
use crate::state::AppState;

/// The header with which a client says that this is one request, however often it is sent.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key, characters.
const LONGEST_KEY: usize = 255;
/// When to come back while answers can't be kept.
const VAULT_PAUSE: std::time::Duration = std::time::Duration::from_secs(60);

/// What was asked, and the key with it if there is one.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<String>,
    address: String,
}

/// What is to be done.
#[derive(Debug)]
pub enum Begun {
    /// Do it, then [`Doing::end`].
    Fresh(Doing),
    /// It was done: this is the answer.
    Done(Response),
}

/// A request that is being done, for the first time.
#[derive(Debug)]
pub struct Doing(Option<Box<Pending>>);

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let address = format!("{} {}", parts.method, parts.uri.path_and_query().map_or("", |at| at.as_str()));
        Ok(Self { key: key(&parts.headers)?, address })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let wrong = || ApiError::header("Idempotency-Key", "must be one text of 1 to 255 visible ASCII characters");
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| wrong())?.trim();
    let good = (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    if good && given.next().is_none() { Ok(Some(text.to_owned())) } else { Err(wrong()) }
}

impl Once {
    /// Reserves the key, if there is one; for a body that was read as `request` (`&()` for none).
    ///
    /// # Errors
    /// 422 `idempotency_mismatch`, 409 `idempotency_in_progress`, 503 when answers can't be kept.
    pub async fn begin(self, state: &AppState, actor: &Actor, request: &impl Serialize) -> Result<Begun, ApiError> {
        let Some(key) = self.key else { return Ok(Begun::Fresh(Doing(None))) };
        let mut whole = self.address.into_bytes();
        whole.push(b'\n');
        serde_json::to_writer(&mut whole, request).map_err(ApiError::internal)?;
        Ok(match idempotency::begin(state.context(), actor, &key, &whole).await? {
            idempotency::Begun::Fresh(pending) => Begun::Fresh(Doing(Some(pending))),
            idempotency::Begun::Done(answer) => Begun::Done(again(answer)),
        })
    }
}

impl Doing {
    /// For the use case, which keeps the answer in the transaction of its change.
    #[must_use]
    pub fn keep<T>(&self, render: fn(&T) -> Answer) -> Keep<'_, T> {
        Keep::new(self.0.as_deref(), render)
    }

    /// The answer to what was made; what was refused gives its key back.
    ///
    /// # Errors
    /// What the use case refused; 503 when the answer could not be kept.
    pub async fn end<T, E>(self, made: Result<T, E>, render: fn(&T) -> Answer) -> Result<Response, ApiError>
    where
        E: Into<ApiError>,
    {
        match made {
            Ok(made) => {
                let answer = render(&made);
                if let Some(pending) = self.0 {
                    pending.finish(&answer).await?;
                }
                Ok(respond(answer))
            }
            Err(error) => {
                if let Some(pending) = self.0 {
                    pending.release().await;
                }
                Err(error.into())
            }
        }
    }
}

/// An answer with a JSON body.
#[must_use]
pub fn json_answer(status: StatusCode, body: &impl Serialize) -> Answer {
    // A view is plain data: names are texts, and nothing in it can fail.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let headers = vec![(CONTENT_TYPE.to_string(), "application/json".to_owned())];
    Answer { status: status.as_u16(), headers, body, secret: false }
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Body::from(answer.body)).into_response();
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    response
}

fn again(answer: Answer) -> Response {
    let mut response = respond(answer);
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    response
}

impl From<OnceError> for ApiError {
    fn from(error: OnceError) -> Self {
        let words = sentence(&error.to_string());
        match error {
            OnceError::InProgress { retry_after } => {
                Self::new(code::IDEMPOTENCY_IN_PROGRESS, words).retry_after(retry_after)
            }
            OnceError::OtherSession => Self::new(code::CONFLICT, words),
            OnceError::Vault(cause) => Self::unavailable(words, VAULT_PAUSE).caused_by(cause),
            OnceError::Store(cause) => cause.into(),
            _ => Self::new(code::IDEMPOTENCY_MISMATCH, words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_plain_texts() {
        let given = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
            }
            key(&headers).map_err(|error| error.code())
        };
        let longest = "k".repeat(LONGEST_KEY);
        assert_eq!(given(&[]), Ok(None));
        for good in ["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", "\"quoted\"", " padded ", &longest] {
            assert_eq!(given(&[good.as_bytes()]), Ok(Some(good.trim().to_owned())), "{good}");
        }
        let too_long = "k".repeat(LONGEST_KEY + 1);
        for bad in ["", " ", "a b", "a\tb", "schlüssel", &too_long] {
            assert_eq!(given(&[bad.as_bytes()]), Err(code::INVALID_HEADER), "{bad}");
        }
        assert_eq!(given(&[b"a", b"b"]), Err(code::INVALID_HEADER));
    }

    #[test]
    fn what_is_given_again_is_the_same_and_says_so() {
        let answer = json_answer(StatusCode::CREATED, &["it"]).header("location", "/here");
        let (first, second) = (respond(answer.clone()), again(answer));
        assert_eq!(first.status(), 201);
        assert_eq!(second.headers()[IDEMPOTENCY_REPLAYED], "true");
        assert_eq!(second.headers()[http::header::LOCATION], "/here");
        for (name, value) in first.headers() {
            assert_eq!(second.headers()[name], value);
        }
    }
}
