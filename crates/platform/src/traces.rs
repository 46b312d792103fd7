//! Traces: what a request led to, in this process and in the next, and how long each part took. Sent to a collector by OTLP over
//! HTTP.
//!
//! Names and attributes are those of OpenTelemetry's semantic conventions (HTTP, messaging, RPC). Nothing but what is named
//! here is in a span: no query, no body, no name of a person. Not logs ([`crate::telemetry`]), which carry the same trace id,
//! and not metrics. Without a collector all of this costs a comparison.
//!
//! What a browser did is told by the portal ([`portal`]).
//!
//! To add a span: a function beside [`Trace::of_request`] that names it, and [`Trace::around`] at the place where it happens. What
//! goes on in another task is started with [`spawn`].

pub mod portal;
mod sender;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _, WithContext,
};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use crate::config::TracesConfig;
use portal::Portal;
use sender::Sender;

/// The header of W3C Trace Context.
pub const TRACEPARENT: &str = "traceparent";

/// The library whose spans these are.
const SCOPE: &str = "wheelhouse";
/// A batch that the collector has not taken after this time is lost.
const DEADLINE: Duration = Duration::from_secs(10);
/// What has not been sent at the end gets so much time.
const LAST: Duration = Duration::from_secs(3);

/// Whether this process sends any.
static SENT: AtomicBool = AtomicBool::new(false);
/// What begins its spans.
static TRACER: RwLock<Option<SdkTracer>> = RwLock::new(None);

/// Why traces can't be sent.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The HTTP client could not be made.
    #[error("no client for the collector of traces: {0}")]
    Client(#[from] reqwest::Error),
    /// The collector's address can't be used.
    #[error("traces.endpoint: {0}; write the collector's address, such as http://otel-collector:4318")]
    Endpoint(#[from] ExporterBuildError),
}

/// The sending of this process's spans. Dropped, it sends what waits.
#[derive(Debug)]
pub struct Traces(Option<Sending>);

#[derive(Debug)]
struct Sending {
    provider: SdkTracerProvider,
    portal: Arc<Portal>,
}

impl Traces {
    /// Starts sending, where a collector is configured. `service` is this process's part, such as `wheelhouse-api`. Inside a
    /// tokio runtime. The last call in a process decides.
    ///
    /// # Errors
    /// [`TracesError`].
    pub fn start(config: &TracesConfig, service: &'static str) -> Result<Self, TracesError> {
        let Some(endpoint) = &config.endpoint else { return Ok(Self(None)) };
        // Decided by the trace's id alone: every process decides alike, and no caller can ask for more.
        let sampler = Sampler::TraceIdRatioBased(config.sample);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter(endpoint)?)
            .with_resource(resource(service))
            .with_sampler(sampler.clone())
            .build();
        let portal = Portal::start(endpoint, sampler);
        global::set_tracer_provider(provider.clone());
        *TRACER.write().unwrap_or_else(PoisonError::into_inner) = Some(provider.tracer(SCOPE));
        SENT.store(true, Ordering::Relaxed);
        Ok(Self(Some(Sending { provider, portal })))
    }
}

fn exporter(endpoint: &str) -> Result<SpanExporter, TracesError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Sender::new(DEADLINE)?)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(DEADLINE);
    Ok(exporter.build()?)
}

fn resource(service: &'static str) -> Resource {
    let attributes = [
        KeyValue::new("service.name", service),
        KeyValue::new("service.version", crate::VERSION),
        KeyValue::new("service.namespace", SCOPE),
    ];
    Resource::builder_empty().with_attributes(attributes).build()
}

/// Whether this process sends any.
#[must_use]
pub fn are_sent() -> bool {
    SENT.load(Ordering::Relaxed)
}

impl Drop for Traces {
    fn drop(&mut self) {
        let Some(Sending { provider, portal }) = self.0.take() else { return };
        // Both at once: a collector that is away takes all the time there is.
        let ended = std::thread::scope(|scope| {
            let portal = scope.spawn(|| portal.end(LAST));
            [provider.shutdown_with_timeout(LAST), portal.join().unwrap_or(Ok(()))]
        });
        for ended in ended {
            if let Err(error) = ended {
                tracing::warn!(%error, "the last traces were not sent");
            }
        }
    }
}

/// A span, and what it belongs to; nothing where no traces are sent. It ends with [`Trace::end`], or when nobody holds it any more.
#[derive(Debug, Clone)]
pub struct Trace(Option<Context>);

impl Trace {
    /// A request that is being answered: part of the caller's trace, if the headers name one.
    #[must_use]
    pub fn of_request(method: &Method, route: &str, headers: &HeaderMap) -> Self {
        Self::begin(
            SpanKind::Server,
            || named_in(headers),
            || {
                let attributes = vec![
                    KeyValue::new("http.request.method", method.as_str().to_owned()),
                    KeyValue::new("http.route", route.to_owned()),
                ];
                (format!("{method} {route}"), attributes)
            },
        )
    }

    /// An attempt at a job: part of the trace of whoever asked for it. `parent` is what [`Trace::text`] gave there.
    #[must_use]
    pub fn of_job(kind: &str, id: &str, attempt: i32, parent: Option<&str>) -> Self {
        let parent = || {
            let mut headers = HeaderMap::new();
            if let Some(value) = parent.and_then(|text| HeaderValue::from_str(text).ok()) {
                headers.insert(TRACEPARENT, value);
            }
            named_in(&headers)
        };
        Self::begin(SpanKind::Consumer, parent, || {
            let attributes = vec![
                KeyValue::new("messaging.operation.type", "process"),
                KeyValue::new("messaging.destination.name", kind.to_owned()),
                KeyValue::new("messaging.message.id", id.to_owned()),
                KeyValue::new("wheelhouse.job.attempt", i64::from(attempt)),
            ];
            (format!("process {kind}"), attributes)
        })
    }

    /// A request to another service, within what is being done: `to` is that service's name.
    #[must_use]
    pub fn of_call(to: &'static str, method: &Method) -> Self {
        Self::begin(SpanKind::Client, Context::current, || {
            let attributes = vec![
                KeyValue::new("http.request.method", method.as_str().to_owned()),
                KeyValue::new("peer.service", to),
            ];
            (format!("{method} {to}"), attributes)
        })
    }

    /// `named` gives name and attributes: only of a span that is sent, since most may not be.
    fn begin(
        kind: SpanKind,
        parent: impl FnOnce() -> Context,
        named: impl FnOnce() -> (String, Vec<KeyValue>),
    ) -> Self {
        if !are_sent() {
            return Self(None);
        }
        let tracer = TRACER.read().unwrap_or_else(PoisonError::into_inner);
        let Some(tracer) = tracer.as_ref() else { return Self(None) };
        let parent = parent();
        let mut span = tracer.span_builder("").with_kind(kind).start_with_context(tracer, &parent);
        if span.is_recording() {
            let (name, attributes) = named();
            span.update_name(name);
            span.set_attributes(attributes);
        }
        Self(Some(parent.with_span(span)))
    }

    /// The trace's id, 32 hexadecimal digits. `None` where no traces are sent.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.0.as_ref().map(|context| context.span().span_context().trace_id().to_string())
    }

    /// What another process continues this trace with, as in the header `traceparent`; `None` where it is not sent.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let span = self.0.as_ref()?.span();
        let own = span.span_context();
        own.is_sampled().then(|| format!("00-{}-{}-01", own.trace_id(), own.span_id()))
    }

    /// The future within this span: what it begins belongs to it.
    pub fn around<F: Future>(&self, future: F) -> WithContext<F> {
        future.with_context(self.0.clone().unwrap_or_default())
    }

    /// Ends a request or a call with its answer's status; 5xx is an error.
    pub fn end_with_status(&self, status: u16) {
        let Some(context) = &self.0 else { return };
        let span = context.span();
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        if status >= 500 {
            span.set_attribute(KeyValue::new("error.type", status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
    }

    /// Ends it; with what went wrong, a word of few.
    pub fn end(&self, error: Option<&'static str>) {
        let Some(context) = &self.0 else { return };
        let span = context.span();
        if let Some(word) = error {
            span.set_attribute(KeyValue::new("error.type", word));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// Starts a task of its own that belongs to what is being done: its spans to the same trace, its lines of the log to the same
/// request or job. A task that is started otherwise belongs to nothing.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future.in_current_span().with_current_context())
}

/// The trace that a caller names in its headers; an empty one where none is named.
fn named_in(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers))
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
