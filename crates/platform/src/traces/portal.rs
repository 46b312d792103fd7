//! Spans of the portal: what ended in somebody's browser, which told the API of it. They keep their ids, so that the API's spans, which
//! name them as parents, are of the same trace; and they are a service of their own, `wheelhouse-portal`.
//!
//! Not [`super::Trace`], which begins and ends in this process. Whoever may tell of a span may put it into any trace: ask who is there
//! before [`record`].

use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SamplingDecision, ShouldSample as _, SpanData, SpanEvents, SpanLinks,
    SpanProcessor as _,
};

use super::SCOPE;

/// The portal's part.
const SERVICE: &str = "wheelhouse-portal";

/// Where this process's go.
static PORTAL: RwLock<Option<Arc<Portal>>> = RwLock::new(None);

/// A span that ended in a browser. Ids are hexadecimal digits.
#[derive(Debug, Clone)]
pub struct PortalSpan<'a> {
    /// The trace.
    pub trace_id: &'a str,
    /// Its own id.
    pub span_id: &'a str,
    /// The template of the page's path, or of the request's.
    pub path: &'a str,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// How long it lasted.
    pub lasted: Duration,
    /// What is to be said of a request; `None` for a page.
    pub request: Option<PortalRequest<'a>>,
}

/// A request of a page.
#[derive(Debug, Clone, Copy)]
pub struct PortalRequest<'a> {
    /// The page's span.
    pub page_id: &'a str,
    /// Its method.
    pub method: &'a str,
    /// The status of its answer, where one came.
    pub status: Option<u16>,
}

/// Sends those whose traces are sent; nothing where there is no collector.
pub fn record<'a>(spans: impl IntoIterator<Item = PortalSpan<'a>>) {
    let Some(portal) = PORTAL.read().unwrap_or_else(PoisonError::into_inner).clone() else { return };
    let Some(processor) = portal.processor() else { return };
    for data in spans.into_iter().filter_map(|span| data(&span, &portal.sampler)) {
        processor.on_end(data);
    }
}

/// The sending of the portal's spans. It begins with the first of them: only processes that browsers talk to are told of any.
#[derive(Debug)]
pub(super) struct Portal {
    endpoint: String,
    sampler: Sampler,
    /// `None` where it can't be.
    processor: OnceLock<Option<BatchSpanProcessor>>,
}

impl Portal {
    /// From now on [`record`] sends through this one.
    pub(super) fn start(endpoint: &str, sampler: Sampler) -> Arc<Self> {
        let portal = Arc::new(Self { endpoint: endpoint.to_owned(), sampler, processor: OnceLock::new() });
        *PORTAL.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&portal));
        portal
    }

    /// Inside a tokio runtime.
    fn processor(&self) -> Option<&BatchSpanProcessor> {
        let begin = || match super::exporter(&self.endpoint) {
            Ok(exporter) => {
                let mut processor = BatchSpanProcessor::builder(exporter).build();
                processor.set_resource(&super::resource(SERVICE));
                Some(processor)
            }
            Err(error) => {
                tracing::warn!(%error, "spans of the portal are not sent");
                None
            }
        };
        self.processor.get_or_init(begin).as_ref()
    }

    /// Sends what waits.
    pub(super) fn end(&self, within: Duration) -> OTelSdkResult {
        match self.processor.get() {
            Some(Some(processor)) => processor.shutdown_with_timeout(within),
            _ => Ok(()),
        }
    }
}

/// What is sent of a span; `None` where its trace is not, or its ids are none.
fn data(span: &PortalSpan<'_>, sampler: &Sampler) -> Option<SpanData> {
    let trace_id = TraceId::from_hex(span.trace_id).ok()?;
    // As the API's own spans of the same trace are chosen.
    let chosen = sampler.should_sample(None, trace_id, "", &SpanKind::Client, &[], &[]).decision;
    if chosen != SamplingDecision::RecordAndSample {
        return None;
    }
    let mut attributes = vec![KeyValue::new("url.template", span.path.to_owned())];
    let mut status = Status::Unset;
    let (name, span_kind, parent_span_id) = match span.request {
        None => (format!("page {}", span.path), SpanKind::Internal, SpanId::INVALID),
        Some(request) => {
            attributes.push(KeyValue::new("http.request.method", request.method.to_owned()));
            if let Some(code) = request.status {
                attributes.push(KeyValue::new("http.response.status_code", i64::from(code)));
            }
            if request.status.is_none_or(|code| code >= 400) {
                let word = request.status.map_or_else(|| "no_answer".to_owned(), |code| code.to_string());
                attributes.push(KeyValue::new("error.type", word));
                status = Status::error("");
            }
            let name = format!("{} {}", request.method, span.path);
            (name, SpanKind::Client, SpanId::from_hex(request.page_id).ok()?)
        }
    };
    let span_id = SpanId::from_hex(span.span_id).ok()?;
    let end_time = SystemTime::from(span.ended);
    Some(SpanData {
        span_context: SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, TraceState::default()),
        parent_span_id,
        parent_span_is_remote: false,
        span_kind,
        name: name.into(),
        start_time: end_time.checked_sub(span.lasted)?,
        end_time,
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: InstrumentationScope::builder(SCOPE).build(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PAGE: &str = "00f067aa0ba902b7";

    fn span(path: &'static str, request: Option<PortalRequest<'static>>) -> PortalSpan<'static> {
        let ended = DateTime::UNIX_EPOCH + Duration::from_secs(60);
        PortalSpan { trace_id: TRACE, span_id: PAGE, path, ended, lasted: Duration::from_millis(1500), request }
    }

    fn request(status: Option<u16>) -> Option<PortalRequest<'static>> {
        Some(PortalRequest { page_id: "b7ad6b7169203331", method: "POST", status })
    }

    fn attribute(data: &SpanData, name: &str) -> Option<String> {
        data.attributes.iter().find(|pair| pair.key.as_str() == name).map(|pair| pair.value.to_string())
    }

    #[test]
    fn a_page_is_the_first_of_its_trace_and_keeps_its_ids_and_times() {
        let page = data(&span("/jobs", None), &Sampler::AlwaysOn).expect("all are sent");
        assert_eq!((&*page.name, page.span_kind.clone()), ("page /jobs", SpanKind::Internal));
        let own = &page.span_context;
        assert_eq!((own.trace_id().to_string(), own.span_id().to_string()), (TRACE.to_owned(), PAGE.to_owned()));
        assert!(own.is_sampled() && page.parent_span_id == SpanId::INVALID && page.status == Status::Unset);
        let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).expect("after it").as_millis();
        assert_eq!((since(page.start_time), since(page.end_time)), (58_500, 60_000));
    }

    #[test]
    fn a_request_belongs_to_its_page_and_says_how_it_ended() {
        let path = "/api/v1/jobs/{id}/retry";
        for (status, error) in
            [(Some(202), None), (Some(404), Some("404")), (Some(503), Some("503")), (None, Some("no_answer"))]
        {
            let made = data(&span(path, request(status)), &Sampler::AlwaysOn).expect("all are sent");
            assert_eq!((&*made.name, made.span_kind.clone()), ("POST /api/v1/jobs/{id}/retry", SpanKind::Client));
            assert_eq!(made.parent_span_id.to_string(), "b7ad6b7169203331");
            assert_eq!(attribute(&made, "http.response.status_code"), status.map(|code| code.to_string()));
            assert_eq!(attribute(&made, "error.type").as_deref(), error);
            assert_eq!(made.status == Status::error(""), error.is_some());
            assert_eq!(attribute(&made, "url.template").as_deref(), Some(path));
        }
    }

    #[test]
    fn a_trace_that_is_not_sent_is_not_sent_from_here_either() {
        let chosen = |share| data(&span("/", None), &Sampler::TraceIdRatioBased(share)).is_some();
        assert!(chosen(1.0) && !chosen(0.0));
        let odd = PortalSpan { trace_id: "none", ..span("/", None) };
        assert!(data(&odd, &Sampler::AlwaysOn).is_none());
    }
}
