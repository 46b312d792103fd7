//! The one error shape of the API: RFC 9457 problem details (`contract::problem`).
//!
//! A handler returns [`ApiError`]; `middleware::problem` turns it into bytes, because only there the request id is known, and
//! logs its source chain once. What is in `detail` is meant for the client; the source never leaves the process.
//! It is not the place for what a service's errors mean: each feature maps its own in `routes/<feature>/error.rs`.
//! To add a code: a constant in `contract::problem::code` and a row in [`kind_of`].

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use contract::problem::{FieldError, Problem, code};
use domain::access::{Forbidden, StepUpNeeded};
use http::{HeaderValue, StatusCode, header};
use platform::vault::VaultError;
use services::StoreError;

/// When to come back while the database is away.
const DATABASE_PAUSE: Duration = Duration::from_secs(2);

/// When to come back while there is no usable master key.
const KEY_PAUSE: Duration = Duration::from_secs(60);

type Source = dyn std::error::Error + Send + Sync + 'static;

/// What each code means: its status and its title, the same for each occurrence.
#[must_use]
pub fn kind_of(code: &str) -> (StatusCode, &'static str) {
    match code {
        code::MALFORMED_JSON => (StatusCode::BAD_REQUEST, "The body is not JSON"),
        code::INVALID_BODY => (StatusCode::UNPROCESSABLE_ENTITY, "The body has wrong or missing fields"),
        code::INVALID_QUERY => (StatusCode::BAD_REQUEST, "A query parameter is wrong"),
        code::BAD_CURSOR => (StatusCode::BAD_REQUEST, "The cursor does not fit this list"),
        code::INVALID_PATH => (StatusCode::BAD_REQUEST, "The address holds a wrong id"),
        code::UNAUTHENTICATED => (StatusCode::UNAUTHORIZED, "Nobody is signed in"),
        code::BAD_CREDENTIALS => (StatusCode::UNAUTHORIZED, "E-mail address or password is wrong"),
        code::BAD_CODE => (StatusCode::UNAUTHORIZED, "The code is wrong, was used or has run out"),
        code::CHALLENGE_OVER => (StatusCode::UNAUTHORIZED, "This sign-in is over"),
        code::MAIL_OFF => (StatusCode::CONFLICT, "This installation sends no mail"),
        code::FORBIDDEN => (StatusCode::FORBIDDEN, "Your role does not allow this"),
        code::STEP_UP => (StatusCode::FORBIDDEN, "This needs a fresh proof that it is you"),
        code::CROSS_SITE => (StatusCode::FORBIDDEN, "The request came from another site"),
        code::INVALID_HEADER => (StatusCode::BAD_REQUEST, "A header is wrong"),
        code::NOT_FOUND => (StatusCode::NOT_FOUND, "There is no such thing"),
        code::METHOD_NOT_ALLOWED => (StatusCode::METHOD_NOT_ALLOWED, "The address does not take this method"),
        code::TIMEOUT => (StatusCode::REQUEST_TIMEOUT, "The request took too long"),
        code::CONFLICT => (StatusCode::CONFLICT, "It stands against what is there"),
        code::IDEMPOTENCY_IN_PROGRESS => (StatusCode::CONFLICT, "The same request is still running"),
        code::IDEMPOTENCY_MISMATCH => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The Idempotency-Key belongs to another request")
        }
        code::PRECONDITION_FAILED => (StatusCode::PRECONDITION_FAILED, "It was changed meanwhile"),
        code::LINK_SPENT => (StatusCode::GONE, "The one-time link is no longer good"),
        code::BODY_TOO_LARGE => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
        code::UNSUPPORTED_MEDIA_TYPE => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body's type is not taken here"),
        code::HEADERS_TOO_LARGE => {
            (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too many or too large")
        }
        code::RATE_LIMITED => (StatusCode::TOO_MANY_REQUESTS, "Too many tries"),
        code::CLOUD => (StatusCode::BAD_GATEWAY, "AWS refused or failed"),
        code::SIGN_IN_SERVICE => (StatusCode::BAD_GATEWAY, "The sign-in service failed"),
        code::UNAVAILABLE => (StatusCode::SERVICE_UNAVAILABLE, "A part that is needed is away"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here"),
    }
}

/// An error answer on its way out.
#[derive(Debug)]
pub struct ApiError {
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    bearer_refused: bool,
    source: Option<Box<Source>>,
}

impl ApiError {
    /// An error with a code of `contract::problem::code` and words for the client that say what to do.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, bearer_refused: false, source: None }
    }

    /// Our fault: the client learns nothing but the request id, the log gets the whole chain.
    pub fn internal(source: impl Into<Box<Source>>) -> Self {
        Self::new(code::INTERNAL, "Something went wrong on our side. The request id finds it in the logs.")
            .caused_by(source)
    }

    /// Something we need does not answer now; the client may come back in `retry_after`.
    pub fn unavailable(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(code::UNAVAILABLE, detail).retry_after(retry_after)
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn unauthenticated() -> Self {
        let detail = "Sign in first: POST /api/v1/session, then send the cookie it sets. Programs send an API key instead: \
                      Authorization: Bearer whk_…";
        Self::new(code::UNAUTHENTICATED, detail)
    }

    /// There is no such `what` (an account, a job …), or the asking user may not see it.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(code::NOT_FOUND, format!("There is no such {what}, or you may not see it."))
    }

    /// It was changed since the client read it: what `If-Match` names is no longer there.
    #[must_use]
    pub fn precondition_failed() -> Self {
        let detail = "Somebody changed it meanwhile. Read it again, and send the ETag of that answer as If-Match.";
        Self::new(code::PRECONDITION_FAILED, detail)
    }

    /// A wrong header, named.
    #[must_use]
    pub fn header(name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(code::INVALID_HEADER, format!("{name}: {message}.")).field(name, "invalid", message)
    }

    /// A wrong query parameter, named.
    #[must_use]
    pub fn query(parameter: &str, field_code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(code::INVALID_QUERY, format!("{parameter}: {message}")).field(parameter, field_code, message)
    }

    /// A wrong field of the body, named by its dotted path.
    #[must_use]
    pub fn body_field(field: &str, field_code: &str, message: impl Into<String>) -> Self {
        Self::new(code::INVALID_BODY, "Some fields are wrong; `errors` names each.").field(field, field_code, message)
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn field(mut self, field: &str, field_code: &str, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.to_owned(), code: field_code.to_owned(), message: message.into() });
        self
    }

    /// Adds when to come back (header `Retry-After`, whole seconds, rounded up, at least 1).
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Says that the bearer token which came along is no good (RFC 6750, 3.1).
    #[must_use]
    pub fn bearer_refused(mut self) -> Self {
        self.bearer_refused = true;
        self
    }

    /// Adds the cause, for the log alone.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<Source>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        kind_of(self.code).0
    }

    /// What is wrong field by field.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The wire shape.
    #[must_use]
    pub fn problem(&self, request_id: &str) -> Problem {
        let (status, title) = kind_of(self.code);
        Problem {
            kind: format!("/problems/{}", self.code),
            title: title.to_owned(),
            status: status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }

    /// The whole answer, with the request id in it.
    #[must_use]
    pub fn render(&self, request_id: &str) -> Response {
        let body = serde_json::to_vec(&self.problem(request_id)).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(contract::problem::MEDIA_TYPE));
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            let bearer = if self.bearer_refused {
                "Bearer realm=\"wheelhouse\", error=\"invalid_token\""
            } else {
                "Bearer realm=\"wheelhouse\""
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"wheelhouse\""));
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(bearer));
        }
        response
    }

    /// Logs it, once: our own faults as errors with the chain of causes, a cloud's as warnings, the client's as debug.
    pub fn log(&self) {
        let causes = self.source.as_deref().map(chain).unwrap_or_default();
        let status = self.status().as_u16();
        match status {
            500 => tracing::error!(status, code = self.code, causes, "request failed"),
            502..=504 => tracing::warn!(status, code = self.code, detail = self.detail, causes, "request failed"),
            _ => tracing::debug!(status, code = self.code, detail = self.detail, causes, "request refused"),
        }
    }
}

/// An error and its causes in one line, outermost first.
pub(crate) fn chain(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// The words of an error as a sentence.
pub(crate) fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

/// What a response carries until `middleware::problem` renders it with the request id.
#[derive(Debug, Clone)]
pub struct Unrendered(pub Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Unrendered(Arc::new(self)));
        response
    }
}

impl From<Forbidden> for ApiError {
    fn from(error: Forbidden) -> Self {
        Self::new(code::FORBIDDEN, format!("You may not do this: {error}."))
    }
}

impl From<StepUpNeeded> for ApiError {
    fn from(error: StepUpNeeded) -> Self {
        let how = match error {
            StepUpNeeded::Confirm => " POST /api/v1/session/proof takes it.",
            StepUpNeeded::NotByKey => "",
        };
        Self::new(code::STEP_UP, format!("{}{how}", sentence(&error.to_string())))
    }
}

/// No usable master key, or a value that was changed: whoever runs the installation mends it. Which, the log says.
impl From<VaultError> for ApiError {
    fn from(cause: VaultError) -> Self {
        let words =
            "The installation's master key is missing or does not fit; whoever runs it finds the reason in the log.";
        Self::unavailable(words, KEY_PAUSE).caused_by(cause)
    }
}

/// What the database's refusals mean on the wire. Constraints that a feature knows are mapped by its service.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadCursor => Self::new(
                code::BAD_CURSOR,
                "The cursor is damaged or belongs to another list, filter or sort. Begin again without it.",
            )
            .field("cursor", "bad_cursor", "take it from next_cursor of the same list"),
            error if error.retryable() => {
                Self::unavailable("The database does not answer now. Try again shortly.", DATABASE_PAUSE)
                    .caused_by(error)
            }
            error => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_stays_inside() {
        let error = ApiError::internal(std::io::Error::other("password=hunter2"));
        let text = serde_json::to_string(&error.problem("r-1")).unwrap();
        assert!(!text.contains("hunter2"));
        assert!(text.contains("\"request_id\":\"r-1\""));
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn retry_after_rounds_up_and_is_never_zero() {
        for (wait, header) in [(Duration::from_millis(1200), "2"), (Duration::ZERO, "1"), (Duration::from_secs(7), "7")]
        {
            let response = ApiError::unavailable("later", wait).render("r");
            assert_eq!(response.headers()["retry-after"], header);
        }
    }
}
