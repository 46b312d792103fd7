//! A span for each attempt at a request to AWS, in the trace of whatever is being done. Names and attributes are those of
//! OpenTelemetry's conventions for RPC; where nobody set a collector up, nothing happens.

use domain::cloud::CloudError;
use domain::ids::Region;
use opentelemetry::trace::{FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _, WithContext};
use opentelemetry::{Context, KeyValue, global};

use crate::policy::Operation;

/// The span of one attempt. It ends with [`Attempt::end`], or when it is dropped.
pub(crate) struct Attempt(Context);

impl Attempt {
    /// Begins it within what is being done.
    pub(crate) fn begin(operation: &Operation, region: &Region, number: u32) -> Self {
        let (service, method) = operation.parts();
        let tracer = global::tracer("wheelhouse");
        let attributes = [
            KeyValue::new("rpc.system", "aws-api"),
            KeyValue::new("rpc.service", service),
            KeyValue::new("rpc.method", method),
            KeyValue::new("cloud.region", region.as_str().to_owned()),
            KeyValue::new("http.request.resend_count", i64::from(number) - 1),
        ];
        let span = tracer.span_builder(operation.action).with_kind(SpanKind::Client).with_attributes(attributes);
        Self(Context::current_with_span(span.start(&tracer)))
    }

    /// The request within it.
    pub(crate) fn around<F: Future>(&self, request: F) -> WithContext<F> {
        request.with_context(self.0.clone())
    }

    /// Ends it, with what went wrong.
    pub(crate) fn end(self, error: Option<&CloudError>) {
        let span = self.0.span();
        if let Some(error) = error {
            span.set_attribute(KeyValue::new("error.type", error.code()));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}
