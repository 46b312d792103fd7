//! Logs: one subscriber for the process, to stderr, as JSON lines or for people; errors also to a server, where one is set.
//!
//! Spans and fields come from the code that knows them; the span of a request is opened in [`crate::request_id`]. Every field of
//! a line is in `docs/logs.md`, and a test reads both.

use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt};

use crate::config::{Config, LogFormat, TelemetryConfig};
use crate::errors::{self, ErrorLayer};

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
    let filter = EnvFilter::try_new(&config.log_filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Pretty => lines.boxed(),
    };
    let errors = errors.map(|layer| layer.with_filter(filter_fn(ErrorLayer::wants)));
    if Registry::default().with(lines.with_filter(filter)).with(errors).try_init().is_err() {
        tracing::debug!("logging was started before; its format and filter stay");
    }
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
