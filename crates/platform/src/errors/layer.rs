//! Sees spans and `error` lines, and makes an event of each, out of the fields in [`FIELDS`] and nothing else.
//!
//! Of one request one event is made, of what is told first: what follows, up to its line in the log, says the same again.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use sentry_types::protocol::v7::{Event, Exception, Frame, Level as Severity, Mechanism, Stacktrace};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::panics;
use super::scrub::scrub;
use super::send::Reporter;

/// Fields of spans and lines that become tags: what it is called there, and as a tag. They hold ids that we made or checked, and
/// words out of lists of ours. The kind of a job is so only on its span.
pub const FIELDS: &[(&str, &str)] = &[
    ("request_id", "request_id"),
    ("trace_id", "trace_id"),
    ("method", "method"),
    ("route", "route"),
    ("status", "status"),
    ("code", "code"),
    ("attempt", "attempt"),
    ("table", "table"),
];
/// Fields of a line that are free text.
const TEXTS: [&str; 3] = ["error", "causes", "why"];
/// The span of a request, which is reported once.
const REQUEST: &str = "request";
/// The span of a job.
const JOB: &str = "job";

/// A layer of the process's logs.
pub struct ErrorLayer {
    reporter: Reporter,
    environment: String,
    service: &'static str,
}

/// What a span had of what an event may carry.
#[derive(Default)]
struct Carried(BTreeMap<&'static str, String>);

/// A mark of a request that was reported.
struct Reported;

impl ErrorLayer {
    pub(super) fn new(reporter: Reporter, environment: String, service: &'static str) -> Self {
        Self { reporter, environment, service }
    }

    /// What this layer must be told of: errors, and the spans they happen in.
    pub fn wants(metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() { *metadata.level() <= Level::INFO } else { *metadata.level() == Level::ERROR }
    }

    fn event(&self, metadata: &Metadata<'_>, line: Line, tags: BTreeMap<&'static str, String>) -> Event<'static> {
        let tag = |name: &str| tags.get(name).cloned();
        let told = line.texts.into_iter().map(|text| scrub(&text)).reduce(|first, next| format!("{first}: {next}"));
        let panicked = metadata.target() == panics::TARGET;
        let exception = Exception {
            ty: if panicked { "panic".to_owned() } else { scrub(&line.message) },
            value: told,
            module: (!panicked).then(|| metadata.target().to_owned()),
            stacktrace: line.at.as_deref().and_then(place),
            mechanism: panicked.then(|| Mechanism {
                ty: panics::TARGET.to_owned(),
                handled: Some(false),
                ..Mechanism::default()
            }),
            ..Exception::default()
        };
        Event {
            level: Severity::Error,
            logger: Some(metadata.target().to_owned()),
            platform: "rust".into(),
            release: Some(concat!("wheelhouse@", env!("CARGO_PKG_VERSION")).into()),
            environment: Some(self.environment.clone().into()),
            transaction: tag("route").or_else(|| tag("job_kind")),
            exception: vec![exception].into(),
            tags: tags
                .into_iter()
                .chain([("service", self.service.to_owned())])
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            ..Event::new()
        }
    }
}

/// A place in our sources, `file:line:column`, as a trace of one step.
fn place(at: &str) -> Option<Stacktrace> {
    let (file, line) = at.rsplit_once(':')?.0.rsplit_once(':')?;
    let frame =
        Frame { filename: Some(file.to_owned()), lineno: line.parse().ok(), in_app: Some(true), ..Frame::default() };
    Some(Stacktrace { frames: vec![frame], ..Stacktrace::default() })
}

impl<S> Layer<S> for ErrorLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut carried = Carried::default();
        attributes.record(&mut Tags { tags: &mut carried.0, job: span.name() == JOB });
        span.extensions_mut().insert(carried);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let job = span.name() == JOB;
        if let Some(carried) = span.extensions_mut().get_mut::<Carried>() {
            values.record(&mut Tags { tags: &mut carried.0, job });
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut tags = BTreeMap::new();
        for span in context.event_scope(event).into_iter().flatten().collect::<Vec<_>>().into_iter().rev() {
            if span.name() == REQUEST && !first_of(&span) {
                return;
            }
            if let Some(carried) = span.extensions().get::<Carried>() {
                tags.extend(carried.0.iter().map(|(name, value)| (*name, value.clone())));
            }
        }
        event.record(&mut Tags { tags: &mut tags, job: false });
        let mut line = Line::default();
        event.record(&mut line);
        self.reporter.report(self.event(event.metadata(), line, tags));
    }
}

/// Marks the span, and says whether it was not marked before.
fn first_of<S: for<'a> LookupSpan<'a>>(span: &SpanRef<'_, S>) -> bool {
    span.extensions_mut().replace(Reported).is_none()
}

impl Debug for ErrorLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErrorLayer")
    }
}

/// Takes the fields that may be tags.
struct Tags<'a> {
    tags: &'a mut BTreeMap<&'static str, String>,
    job: bool,
}

impl Tags<'_> {
    fn take(&mut self, field: &Field, value: impl FnOnce() -> String) {
        let of_job = match field.name() {
            "kind" => Some("job_kind"),
            "id" => Some("job_id"),
            _ => None,
        };
        let known = FIELDS.iter().find(|(name, _)| *name == field.name()).map(|(_, tag)| *tag);
        if let Some(tag) = known.or(of_job.filter(|_| self.job)) {
            self.tags.insert(tag, value());
        }
    }
}

impl Visit for Tags<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, || value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, || format!("{value:?}"));
    }
}

/// Takes the free texts of a line.
#[derive(Default)]
struct Line {
    message: String,
    texts: Vec<String>,
    at: Option<String>,
}

impl Line {
    fn take(&mut self, field: &Field, value: impl FnOnce() -> String) {
        match field.name() {
            "message" => self.message = value(),
            "at" => self.at = Some(value()),
            name if TEXTS.contains(&name) => self.texts.push(value()),
            _ => {}
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, || value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.take(field, || {
            let causes = std::iter::successors(Some(value), |error| error.source());
            causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, || format!("{value:?}"));
    }
}
