//! Who asked: a request id and a trace id for every request, one span around it and one log line at its end.
//!
//! The id comes from `X-Request-Id` if that is harmless, the trace id from W3C `traceparent` if that is valid; else
//! they are made. Health probes are logged at `debug`. Client addresses are not handled here.
//!
//! Use: `router.layer(from_fn_with_state(RequestIds::new(make), request_id::middleware))`, outermost.

use std::fmt;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use tokio::time::Instant;
use tracing::{Instrument, Span, field};
use uuid::Uuid;

use crate::metrics::requests;
use crate::traces::{TRACEPARENT, Trace};

/// The header that carries the request id, both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST_ID: usize = 64;
/// What the log says where the client went away before an answer existed.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Found in the extensions of every request that passed [`middleware`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestContext {
    /// The caller's id or ours; matches `^[A-Za-z0-9._-]{1,64}$`.
    pub request_id: String,
    /// 32 hexadecimal digits, as in `traceparent`.
    pub trace_id: String,
    /// What a job continues this trace with ([`Trace::text`]); `None` where it is not sent.
    pub trace: Option<String>,
}

/// Makes ids that nobody else makes, such as UUIDv7 text. Injected, as all randomness is.
#[derive(Clone)]
pub struct RequestIds(Arc<dyn Fn() -> String + Send + Sync>);

impl RequestIds {
    /// Takes ids from `make`.
    pub fn new(make: Arc<dyn Fn() -> String + Send + Sync>) -> Self {
        Self(make)
    }

    /// The context of a request with these headers.
    pub fn context(&self, headers: &HeaderMap) -> RequestContext {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let given = header(X_REQUEST_ID.as_str()).filter(|id| is_harmless(id)).map(str::to_owned);
        let traced = header(TRACEPARENT).and_then(trace_id_of).map(str::to_owned);
        // Ids that are not taken from the caller share one origin, so that they can be told to belong together.
        let made = if given.is_none() || traced.is_none() { (self.0)() } else { String::new() };
        let trace_id = traced.unwrap_or_else(|| {
            let uuid = Uuid::parse_str(&made).unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_OID, made.as_bytes()));
            uuid.simple().to_string()
        });
        RequestContext { request_id: given.unwrap_or(made), trace_id, trace: None }
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestIds")
    }
}

/// `^[A-Za-z0-9._-]{1,64}$`: nothing that could forge a log line or a header.
fn is_harmless(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// The trace id of a valid `traceparent`: `version-trace-parent-flags`, lower case, nothing all zero, not version ff;
/// version 00 has exactly these four parts.
fn trace_id_of(header: &str) -> Option<&str> {
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    let mut parts = header.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let shaped = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    let complete = version != "00" || parts.next().is_none();
    (shaped && complete && version != "ff" && !zero(trace) && !zero(parent)).then_some(trace)
}

/// The axum middleware; see the module.
pub async fn middleware(State(ids): State<RequestIds>, mut request: Request, next: Next) -> Response {
    let mut context = ids.context(request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    let trace = (!is_probe(route)).then(|| Trace::of_request(request.method(), route, request.headers()));
    if let Some(trace) = &trace {
        context.trace = trace.text();
        if let Some(id) = trace.id() {
            context.trace_id = id;
        }
    }
    let span = tracing::info_span!(
        "request",
        request_id = %context.request_id,
        trace_id = %context.trace_id,
        method = %request.method(),
        route,
        status = field::Empty,
        latency_ms = field::Empty,
    );
    requests::began(request.method());
    let mut log = AccessLog {
        span: span.clone(),
        start: Instant::now(),
        status: None,
        method: request.method().clone(),
        route: route.to_owned(),
        trace: trace.clone(),
    };
    let echo = HeaderValue::from_str(&context.request_id);
    request.extensions_mut().insert(context);
    let answer = next.run(request).instrument(span);
    let mut response = match trace {
        Some(trace) => trace.around(answer).await,
        None => answer.await,
    };
    if let Ok(echo) = echo {
        response.headers_mut().insert(X_REQUEST_ID, echo);
    }
    log.status = Some(response.status().as_u16());
    response
}

/// Writes the access line and counts the request when it is dropped, so that one whose client went away is there as well.
struct AccessLog {
    span: Span,
    start: Instant,
    status: Option<u16>,
    method: Method,
    route: String,
    trace: Option<Trace>,
}

/// Whether it is asked every few seconds, by whoever looks whether this process lives.
fn is_probe(route: &str) -> bool {
    route.starts_with("/health")
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        let status = self.status.unwrap_or(CLIENT_CLOSED_REQUEST);
        requests::ended(&self.method, &self.route, status, self.start.elapsed());
        if let Some(trace) = &self.trace {
            trace.end_with_status(status);
        }
        self.span.record("status", status);
        self.span.record("latency_ms", u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX));
        let _entered = self.span.enter();
        match status {
            500.. => tracing::error!("request failed"),
            _ if is_probe(&self.route) => tracing::debug!("request served"),
            CLIENT_CLOSED_REQUEST if self.status.is_none() => tracing::info!("client went away"),
            _ => tracing::info!("request served"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use axum::{Extension, Router};
    use futures::FutureExt;
    use http::StatusCode;
    use std::io;
    use std::sync::Mutex;
    use tower::ServiceExt;

    const MADE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn context(headers: &[(&'static str, &str)]) -> RequestContext {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        RequestIds::new(Arc::new(|| MADE.to_owned())).context(&headers)
    }

    #[test]
    fn request_ids_are_taken_if_harmless() {
        let longest = "x".repeat(64);
        for id in ["a", "A.b_c-9", longest.as_str()] {
            assert_eq!(context(&[("x-request-id", id)]).request_id, id);
        }
        let too_long = "x".repeat(65);
        for id in ["", "a b", "a\"b", "é", "a;b", too_long.as_str()] {
            assert_eq!(context(&[("x-request-id", id)]).request_id, MADE, "{id}");
        }
        assert_eq!(context(&[]).request_id, MADE);
    }

    #[test]
    fn trace_ids_are_continued_if_valid() {
        for valid in [format!("00-{TRACE}-00f067aa0ba902b7-01"), format!("cc-{TRACE}-00f067aa0ba902b7-01-later")] {
            assert_eq!(context(&[("traceparent", &valid)]).trace_id, TRACE);
        }
        let fresh = MADE.replace('-', "");
        for invalid in [
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            "nonsense".to_owned(),
        ] {
            assert_eq!(context(&[("traceparent", &invalid)]).trace_id, fresh, "{invalid}");
        }
        assert_eq!(context(&[]).trace_id, fresh);
        let odd = RequestIds::new(Arc::new(|| "no-uuid".to_owned())).context(&HeaderMap::new());
        assert!(odd.trace_id.len() == 32 && odd.trace_id.bytes().all(|b| b.is_ascii_hexdigit()), "{odd:?}");
    }

    #[tokio::test]
    async fn handlers_see_the_context_and_callers_the_id() {
        let router = Router::new()
            .route("/who", get(|Extension(context): Extension<RequestContext>| async move { context.trace_id }))
            .layer(axum::middleware::from_fn_with_state(RequestIds::new(Arc::new(|| MADE.to_owned())), middleware));
        let traceparent = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let request = Request::get("/who").header("X-Request-Id", "mine").header("traceparent", traceparent);
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()[X_REQUEST_ID], "mine");
        let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
        assert_eq!(body, TRACE);
        // What no route matches carries an id as well.
        let request = Request::get("/nowhere").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[X_REQUEST_ID]),
            (404, &HeaderValue::from_static(MADE))
        );
    }

    /// Log lines, kept for a test.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn every_request_writes_one_access_line_even_if_its_client_leaves() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber =
            tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let router = Router::new()
            .route("/things/{id}", get(|| async { StatusCode::IM_A_TEAPOT }))
            .route("/slow", get(std::future::pending::<()>))
            .layer(axum::middleware::from_fn_with_state(RequestIds::new(Arc::new(|| MADE.to_owned())), middleware));
        let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(get("/things/7?secret=hush")).await.unwrap();
        assert!(router.oneshot(get("/slow")).now_or_never().is_none());

        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let spans: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["span"].clone()).collect();
        let fields = |field: &str| spans.iter().map(|span| span[field].clone()).collect::<Vec<_>>();
        assert_eq!(fields("route"), ["/things/{id}", "/slow"]);
        assert_eq!(fields("status"), [418, 499]);
        assert_eq!(fields("request_id"), [MADE, MADE]);
        assert_eq!(fields("method"), ["GET", "GET"]);
        assert!(fields("latency_ms").iter().all(serde_json::Value::is_u64), "{text}");
        assert!(!text.contains("hush"), "{text}");
    }
}
