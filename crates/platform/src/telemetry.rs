//! Logs: one subscriber for the process, to stderr, as JSON lines or for people; errors also to a server, where one is set.
//!
//! Spans and fields come from the code that knows them; the span of a request is opened in [`crate::request_id`]. Every field of
//! a line is in `docs/logs.md`, and a test reads both.

use std::sync::OnceLock;

use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::config::{Config, LogFormat, TelemetryConfig};
use crate::errors::{self, ErrorLayer};

/// Changes the filter of the log that was started.
type Reload = Box<dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync>;

static FILTER: OnceLock<Reload> = OnceLock::new();

/// Starts logging. The first call in a process decides; later ones, as tests make them, change nothing.
/// A filter that does not parse (configuration refuses those) counts as `info`.
pub fn init(config: &TelemetryConfig) {
    begin(config, None);
}

/// The same for a process that serves: a panic is a line of the log, and panics and `error` lines go to `errors.dsn` as well, as
/// those of `service`. Call it inside a tokio runtime, and [`errors::flush`] at the end.
pub fn init_service(config: &Config, service: &'static str) {
    let (layer, reporter) = errors::start(&config.errors, service);
    errors::keep(reporter);
    begin(&config.telemetry, layer);
    errors::panics::hook();
}

fn begin(config: &TelemetryConfig, errors: Option<ErrorLayer>) {
    let (filter, handle) = reload::Layer::new(parsed(&config.log_filter));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Pretty => lines.boxed(),
    };
    let errors = errors.map(|layer| layer.with_filter(filter_fn(ErrorLayer::wants)));
    if Registry::default().with(lines.with_filter(filter)).with(errors).try_init().is_err() {
        return tracing::debug!("logging was started before; its format and filter stay");
    }
    // Set once: only the first call gets here.
    FILTER.get_or_init(|| Box::new(move |filter| handle.reload(filter).map_err(|error| error.to_string())));
}

/// Logs by another filter from now on. Before logging was started there is nothing to change.
pub fn set_filter(filter: &str) {
    if let Some(Err(error)) = FILTER.get().map(|reload| reload(parsed(filter))) {
        tracing::warn!(error, "the filter of the log could not be changed");
    }
}

fn parsed(filter: &str) -> EnvFilter {
    EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn starting_twice_is_harmless() {
        let config = crate::config::Config::default().telemetry;
        super::init(&config);
        super::init(&config);
    }
}
