//! Logs: one subscriber for the process, to stderr, as JSON lines or for people.
//!
//! Spans and fields come from the code that knows them; the span of a request is opened in [`crate::request_id`].

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, TelemetryConfig};

/// Starts logging. The first call in a process decides; later ones, as tests make them, change nothing.
/// A filter that does not parse (configuration refuses those) counts as `info`.
pub fn init(config: &TelemetryConfig) {
    let filter = EnvFilter::try_new(&config.log_filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).finish().try_init()
        }
        LogFormat::Pretty => lines.finish().try_init(),
    };
    if started.is_err() {
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
