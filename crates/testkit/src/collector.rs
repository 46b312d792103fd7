//! A collector of traces: takes what is sent to it by OTLP over HTTP, as protobuf, and keeps it. It judges nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// Longest wait for a span that is certain to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A span as it came.
#[derive(Debug, Clone)]
pub struct Span {
    /// Its resource's `service.name`.
    pub service: String,
    /// The trace, 32 hexadecimal digits.
    pub trace: String,
    /// Its own id, 16.
    pub id: String,
    /// Empty for the first of a trace.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// 1 internal, 2 server, 3 client, 5 consumer.
    pub kind: i32,
    /// Its attributes, values as text.
    pub attributes: Vec<(String, String)>,
}

impl Span {
    /// The value of an attribute; empty where it has none of that name.
    #[must_use]
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }
}

type Kept = Arc<Mutex<Vec<Span>>>;

/// The collector, until it is dropped.
#[derive(Debug)]
pub struct Collector {
    /// Its address, for `traces.endpoint`.
    pub endpoint: String,
    kept: Kept,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Collector {
    /// Starts it.
    ///
    /// # Errors
    /// Loopback has no port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let kept = Kept::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(kept.clone());
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { endpoint, kept, task })
    }

    /// All that came so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A span for which this is true, waited for.
    ///
    /// # Errors
    /// None comes; the error names those that came.
    pub async fn span(&self, what: &str, is_it: impl Fn(&Span) -> bool) -> Result<Span> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let spans = self.spans();
            if let Some(span) = spans.iter().find(|span| is_it(span)) {
                return Ok(span.clone());
            }
            let names = || spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>().join(", ");
            anyhow::ensure!(Instant::now() < give_up, "waited in vain for {what} among {}", names());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn take(State(kept): State<Kept>, body: Bytes) -> StatusCode {
    match read(&body) {
        Ok(spans) => {
            kept.lock().unwrap_or_else(PoisonError::into_inner).extend(spans);
            StatusCode::OK
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

fn read(body: &[u8]) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    for of_service in ExportTraceServiceRequest::decode(body)?.resource_spans {
        let resource = of_service.resource.context("whose spans")?;
        let service = pairs(&resource.attributes).into_iter().find(|(key, _)| key == "service.name");
        let (_, service) = service.context("no service.name")?;
        for span in of_service.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(Span {
                service: service.clone(),
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                attributes: pairs(&span.attributes),
                name: span.name,
                kind: span.kind,
            });
        }
    }
    Ok(spans)
}

fn pairs(attributes: &[KeyValue]) -> Vec<(String, String)> {
    attributes.iter().map(|pair| (pair.key.clone(), pair.value.as_ref().map(text).unwrap_or_default())).collect()
}

fn text(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
