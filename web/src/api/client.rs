//! One request and its answer: JSON in and out, problem+json as [`ApiError`]. Not a cache and not a retry: pages decide.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use contract::problem::{Problem, code};
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use web_sys::AbortSignal;

use super::once::{self, Unheard};
use super::{spans, stream};
use crate::format::rule_words;

/// Why a call brought no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The API answered with a problem.
    Problem(Box<Problem>),
    /// The API could not be reached.
    Unreachable,
    /// The answer is not what the API promises.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        detail: String,
        /// The request's id, when the answer had one.
        request_id: Option<String>,
    },
}

impl ApiError {
    fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Unreadable { status, .. } => Some(*status),
            Self::Unreachable => None,
        }
    }

    /// Whether it is this stable code (`contract::problem::code`).
    pub fn is(&self, code: &str) -> bool {
        self.problem().is_some_and(|p| p.code == code)
    }

    /// A heading for a person.
    pub fn title(&self) -> String {
        match self {
            Self::Problem(problem) => problem.title.clone(),
            Self::Unreachable => "The server can't be reached".to_owned(),
            Self::Unreadable { .. } => "The server gave an unexpected answer".to_owned(),
        }
    }

    /// A sentence for a person, with the fix where one is known.
    pub fn detail(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail.clone(),
            Self::Unreachable => "Check the network connection, then try again.".to_owned(),
            Self::Unreadable { status, detail, .. } => format!("Status {status}: {detail}"),
        }
    }

    /// The id under which the server logged the request.
    pub fn request_id(&self) -> Option<String> {
        match self {
            Self::Problem(problem) if !problem.request_id.is_empty() => Some(problem.request_id.clone()),
            Self::Unreadable { request_id, .. } => request_id.clone(),
            _ => None,
        }
    }

    /// What the server says about each field; paths as in the request body.
    pub fn fields(&self) -> Vec<(String, String)> {
        let errors = self.problem().map(|p| p.errors.as_slice()).unwrap_or_default();
        errors.iter().map(|e| (e.field.clone(), e.message.clone())).collect()
    }

    /// What is wrong, for a person: what the server says about the fields where it names some, otherwise [`Self::detail`].
    pub fn words(&self) -> String {
        let fields: Vec<_> = self.fields().into_iter().map(|(_, words)| rule_words(&words)).collect();
        if fields.is_empty() { self.detail() } else { fields.join(" ") }
    }
}

/// The header with the id under which the server logged a request.
const REQUEST_ID: &str = "x-request-id";

type Hook = Rc<dyn Fn()>;
type Proof = Pin<Box<dyn Future<Output = bool>>>;
type Prove = Rc<dyn Fn() -> Proof>;

thread_local! {
    static UNAUTHENTICATED: RefCell<Option<Hook>> = const { RefCell::new(None) };
    static PROVE: RefCell<Option<Prove>> = const { RefCell::new(None) };
    static UNHEARD: RefCell<Unheard> = const { RefCell::new(Unheard::new()) };
}

/// Sets who is asked when the server wants a fresh proof of who is there; `true` when it was given. Whatever met the refusal
/// is then sent again. Set once, at start.
pub fn on_step_up(hook: impl Fn() -> Proof + 'static) {
    PROVE.with(|slot| *slot.borrow_mut() = Some(Rc::new(hook)));
}

/// Sets what happens when an answer says that nobody is signed in (any more). The session state does it once, at start.
pub fn on_unauthenticated(hook: impl Fn() + 'static) {
    UNAUTHENTICATED.with(|slot| *slot.borrow_mut() = Some(Rc::new(hook)));
}

/// GET.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    decode(exchange(Method::GET, path.to_owned(), None).await?)
}

/// GET with a query made of `query`'s fields.
pub async fn get_query<Q: Serialize, T: DeserializeOwned>(path: &str, query: &Q) -> Result<T, ApiError> {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let url = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    decode(exchange(Method::GET, url, None).await?)
}

/// POST with a JSON body.
pub async fn post<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, ApiError> {
    let body = serde_json::to_string(body).unwrap_or_default();
    decode(exchange(Method::POST, path.to_owned(), Some(body)).await?)
}

/// PATCH with a JSON body.
pub async fn patch<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, ApiError> {
    let body = serde_json::to_string(body).unwrap_or_default();
    decode(exchange(Method::PATCH, path.to_owned(), Some(body)).await?)
}

/// PATCH of the version that was read: 412 when somebody else changed it since.
pub async fn patch_version<B: Serialize, T: DeserializeOwned>(
    path: &str,
    body: &B,
    version: i64,
) -> Result<T, ApiError> {
    let body = serde_json::to_string(body).unwrap_or_default();
    decode(send(Method::PATCH, path.to_owned(), Some(body), Some(version)).await?)
}

/// PUT, whatever the answer's body is; of the version that was read, where there is one.
pub async fn put<B: Serialize>(path: &str, body: &B, version: Option<i64>) -> Result<(), ApiError> {
    let body = serde_json::to_string(body).unwrap_or_default();
    send(Method::PUT, path.to_owned(), Some(body), version).await.map(|_| ())
}

/// PUT with a JSON body of the version that was read, when it may be; gives what is there now.
pub async fn put_version<B: Serialize, T: DeserializeOwned>(path: &str, body: &B, version: i64) -> Result<T, ApiError> {
    let body = serde_json::to_string(body).unwrap_or_default();
    decode(send(Method::PUT, path.to_owned(), Some(body), Some(version)).await?)
}

/// DELETE of the version that was read, whatever the answer's body is.
pub async fn delete_version(path: &str, version: Option<i64>) -> Result<(), ApiError> {
    send(Method::DELETE, path.to_owned(), None, version).await.map(|_| ())
}

/// POST with a JSON body to what answers in several ways: the status tells which.
pub async fn post_status<B: Serialize>(path: &str, body: &B) -> Result<(u16, Value), ApiError> {
    let body = serde_json::to_string(body).unwrap_or_default();
    exchange(Method::POST, path.to_owned(), Some(body)).await.map(|answer| (answer.status, answer.value))
}

/// POST without a body.
pub async fn post_empty<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    decode(exchange(Method::POST, path.to_owned(), None).await?)
}

/// POST without a body to what answers with a stream of events: `tell` gets the data of each as it comes.
pub async fn post_stream(path: &str, signal: &AbortSignal, tell: impl FnMut(&str)) -> Result<(), ApiError> {
    let call = Call { method: Method::POST, url: path.to_owned(), body: None, version: None, key: None };
    stream::read(&open(&call, "text/event-stream", Some(signal)).await?, tell).await
}

/// POST with a JSON body, whatever the answer's body is.
pub async fn post_unit<B: Serialize>(path: &str, body: &B) -> Result<(), ApiError> {
    let body = serde_json::to_string(body).unwrap_or_default();
    exchange(Method::POST, path.to_owned(), Some(body)).await.map(|_| ())
}

/// DELETE, whatever the answer's body is.
pub async fn delete(path: &str) -> Result<(), ApiError> {
    exchange(Method::DELETE, path.to_owned(), None).await.map(|_| ())
}

/// A good answer.
struct Answer {
    status: u16,
    request_id: Option<String>,
    value: Value,
}

fn decode<T: DeserializeOwned>(answer: Answer) -> Result<T, ApiError> {
    T::deserialize(answer.value).map_err(|error| unreadable(answer.status, answer.request_id, &error))
}

fn unreadable(status: u16, request_id: Option<String>, error: &serde_json::Error) -> ApiError {
    ApiError::Unreadable { status, detail: error.to_string(), request_id }
}

/// Reads JSON by way of `Value`. Everything the portal reads takes this way, so that the code which takes a shape from a
/// `Value` is there once, and the code which would take it from text not at all: a third of the shapes' share of the program.
pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
    if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(text) }
}

/// A request.
struct Call {
    method: Method,
    url: String,
    body: Option<String>,
    /// Only if this is the version that is there.
    version: Option<i64>,
    /// Done once under this key.
    key: Option<String>,
}

async fn exchange(method: Method, url: String, body: Option<String>) -> Result<Answer, ApiError> {
    send(method, url, body, None).await
}

/// Sends, and once more after a fresh proof where the server asks for one.
async fn send(method: Method, url: String, body: Option<String>, version: Option<i64>) -> Result<Answer, ApiError> {
    let creates = method == Method::POST;
    let before = || UNHEARD.with(|unheard| unheard.borrow().key(&url, body.as_deref(), js_sys::Date::now()));
    let key = if creates { before().or_else(once::random) } else { None };
    let call = Call { method, url, body, version, key };
    let answer = match (attempt(&call).await, PROVE.with(|slot| slot.borrow().clone())) {
        (Err(error), Some(prove)) if error.is(code::STEP_UP) => {
            if prove().await {
                attempt(&call).await
            } else {
                Err(error)
            }
        }
        (answer, _) => answer,
    };
    if let Some(key) = call.key {
        let heard = answer.as_ref().err() != Some(&ApiError::Unreachable);
        UNHEARD.with(|unheard| unheard.borrow_mut().note(call.url, call.body, key, heard, js_sys::Date::now()));
    }
    answer
}

/// The part that does not depend on a type, so that it is compiled once.
async fn attempt(call: &Call) -> Result<Answer, ApiError> {
    let response = open(call, "application/json", None).await?;
    let (status, request_id) = (response.status(), response.headers().get(REQUEST_ID));
    let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
    match parse(&text) {
        Ok(value) => Ok(Answer { status, request_id, value }),
        Err(error) => Err(unreadable(status, request_id, &error)),
    }
}

/// Sends, and gives the answer with its body still to be read; one that is a problem is an error.
async fn open(call: &Call, accept: &str, signal: Option<&AbortSignal>) -> Result<Response, ApiError> {
    let mut builder = RequestBuilder::new(&call.url).method(call.method.clone()).header("Accept", accept);
    if signal.is_some() {
        builder = builder.abort_signal(signal);
    }
    if call.method != Method::GET {
        // No form and no other site's page can send this header.
        builder = builder.header("X-Wheelhouse", "1");
    }
    if let Some(version) = call.version {
        builder = builder.header("If-Match", &format!("\"{version}\""));
    }
    if let Some(key) = &call.key {
        builder = builder.header("Idempotency-Key", key);
    }
    let begun = spans::begin();
    if let Some(begun) = &begun {
        builder = builder.header("traceparent", &begun.traceparent());
    }
    let request = match &call.body {
        Some(body) => builder.header("Content-Type", "application/json").body(body.as_str()),
        None => builder.build(),
    };
    let answer = match request {
        Ok(request) => request.send().await.ok(),
        Err(_) => None,
    };
    if let Some(begun) = begun {
        spans::end(begun, call.method.as_str(), &call.url, answer.as_ref().map(Response::status));
    }
    let response = answer.ok_or(ApiError::Unreachable)?;
    if response.ok() {
        return Ok(response);
    }
    let (status, request_id) = (response.status(), response.headers().get(REQUEST_ID));
    let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
    let error = match parse(&text).and_then(Problem::deserialize) {
        Ok(problem) => ApiError::Problem(Box::new(problem)),
        Err(_) => ApiError::Unreadable { status, detail: "no details were given".to_owned(), request_id },
    };
    if status == 401 && !error.is(code::BAD_CREDENTIALS) {
        let hook = UNAUTHENTICATED.with(|slot| slot.borrow().clone());
        if let Some(hook) = hook {
            hook();
        }
    }
    Err(error)
}
