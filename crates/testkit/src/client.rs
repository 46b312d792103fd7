//! A client of the API as a program sees it: it keeps the session cookie by hand, and shows every answer as it came.
//!
//! By hand, because the cookie is `Secure` and tests speak plain HTTP to loopback, over which a cookie jar would not send
//! it. Not a typed client: a test names the path and reads the contract's shapes from the answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use contract::problem::{MEDIA_TYPE, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::sse::EventStream;

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "__Host-wheelhouse";

/// No answer of the API takes longer, not even a connection test.
const DEADLINE: Duration = Duration::from_secs(60);

/// A client with at most one session.
#[derive(Debug)]
pub struct ApiClient {
    base: String,
    http: reqwest::Client,
    session: Mutex<Option<String>>,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A request to send: a method, a path, and what else is wanted.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    plain: bool,
}

impl Request {
    /// Without body and headers.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: HeaderMap::new(), body: None, plain: false }
    }

    /// With a header more.
    ///
    /// # Panics
    /// The text is no header value; a test knows.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    /// Without the header `X-Wheelhouse`, which the client otherwise sends along: as another site would make it.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// With these bytes as its body, called what `content_type` says.
    #[must_use]
    pub fn body(self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let mut request = self.header("content-type", content_type);
        request.body = Some(bytes.into());
        request
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(body).expect("a test's body is JSON");
        self.body("application/json", bytes)
    }
}

impl ApiClient {
    /// Signed out.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(base: &str) -> Result<Self> {
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            http: platform::http::client(DEADLINE)?,
            session: Mutex::default(),
        })
    }

    /// The address it talks to, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The session's secret, when signed in.
    #[must_use]
    pub fn session(&self) -> Option<String> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a session's secret from elsewhere, or forgets the one it has without telling the server.
    pub fn set_session(&self, token: Option<String>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// A second client, signed out, of the same server.
    ///
    /// # Errors
    /// As [`ApiClient::new`].
    pub fn stranger(&self) -> Result<Self> {
        Self::new(&self.base)
    }

    /// GET.
    ///
    /// # Errors
    /// No answer; an error status is an answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Request::new(Method::GET, path)).await
    }

    /// POST of a JSON body.
    ///
    /// # Errors
    /// No answer.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer> {
        self.send(Request::new(Method::POST, path).json(body)).await
    }

    /// POST without a body.
    ///
    /// # Errors
    /// No answer.
    pub async fn post_empty(&self, path: &str) -> Result<Answer> {
        self.send(Request::new(Method::POST, path)).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// No answer.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send(Request::new(Method::DELETE, path)).await
    }

    /// Sends the session cookie along, and keeps the one that comes back.
    ///
    /// # Errors
    /// No answer.
    pub async fn send(&self, request: Request) -> Result<Answer> {
        let what = format!("{} {}", request.method, request.path);
        let response = self.prepare(request).send().await.with_context(|| what.clone())?;
        let (status, headers) = (response.status(), response.headers().clone());
        self.keep(&headers);
        let body = response.bytes().await.with_context(|| what)?.to_vec();
        Ok(Answer { status, headers, body })
    }

    /// Opens the live stream, after the event `last_event_id` or from now on.
    ///
    /// # Errors
    /// It is refused, or there is no answer.
    pub async fn events(&self, last_event_id: Option<i64>) -> Result<EventStream> {
        let mut request = Request::new(Method::GET, contract::paths::EVENTS).header("accept", "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", &id.to_string());
        }
        // A stream has no end, so it gets a client without a deadline for the whole answer.
        let http = platform::http::builder(Duration::from_secs(86_400)).build()?;
        let response = self.prepare_with(&http, request).send().await?;
        if !response.status().is_success() {
            bail!("the live stream answered {}: {}", response.status(), response.text().await?);
        }
        Ok(EventStream::new(response))
    }

    fn prepare(&self, request: Request) -> reqwest::RequestBuilder {
        self.prepare_with(&self.http, request)
    }

    fn prepare_with(&self, http: &reqwest::Client, request: Request) -> reqwest::RequestBuilder {
        let mut builder =
            http.request(request.method, format!("{}{}", self.base, request.path)).headers(request.headers);
        if !request.plain {
            builder = builder.header("x-wheelhouse", "1");
        }
        if let Some(token) = self.session() {
            builder = builder.header("cookie", format!("{SESSION_COOKIE}={token}"));
        }
        match request.body {
            Some(body) => builder.body(body),
            None => builder,
        }
    }

    fn keep(&self, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok()) {
            let Some(rest) = cookie.strip_prefix(SESSION_COOKIE).and_then(|rest| rest.strip_prefix('=')) else {
                continue;
            };
            let value = rest.split(';').next().unwrap_or_default();
            self.set_session((!value.is_empty()).then(|| value.to_owned()));
        }
    }
}

impl Answer {
    /// The body as text, whatever it is.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text, empty when it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The body of an answer that went well.
    ///
    /// # Errors
    /// The status is no 2xx, or the body has another shape; the error shows it.
    pub fn ok<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.status.is_success() {
            bail!("{}: {}", self.status, self.text());
        }
        serde_json::from_slice(&self.body).with_context(|| format!("another shape: {}", self.text()))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// It is none.
    pub fn value(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{}: not JSON: {}", self.status, self.text()))
    }

    /// The problem of an answer that went wrong, after checking that it is one as RFC 9457 wants it: its media type, its
    /// status, a code, and the request's id, the same as in the header.
    ///
    /// # Errors
    /// It is not; the error shows what it is.
    pub fn problem(&self) -> Result<Problem> {
        let media = self.header("content-type");
        if media != MEDIA_TYPE {
            bail!("{}: {media:?} instead of a problem: {}", self.status, self.text());
        }
        let problem: Problem = serde_json::from_slice(&self.body).with_context(|| self.text())?;
        let whole = problem.status == self.status.as_u16()
            && !problem.code.is_empty()
            && !problem.title.is_empty()
            && !problem.detail.is_empty()
            && problem.kind == format!("/problems/{}", problem.code)
            && !problem.request_id.is_empty()
            && problem.request_id == self.header("x-request-id");
        if !whole {
            bail!("{}: an incomplete problem: {} ({:?})", self.status, self.text(), self.headers);
        }
        Ok(problem)
    }

    /// The problem, after checking its status and code.
    ///
    /// # Errors
    /// It has others.
    pub fn refused(&self, status: u16, code: &str) -> Result<Problem> {
        if self.status.is_success() {
            bail!("{} instead of {status} {code}: {}", self.status, self.text());
        }
        let problem = self.problem()?;
        if (problem.status, problem.code.as_str()) != (status, code) {
            bail!("{} {} instead of {status} {code}: {}", problem.status, problem.code, problem.detail);
        }
        Ok(problem)
    }
}
