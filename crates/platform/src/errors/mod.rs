//! Panics and `error` lines, told to a server that speaks Sentry's protocol (Sentry, GlitchTip): `[errors]`, off by default.
//!
//! [`layer`] makes an event of what the logs are told, out of a short list of fields; [`scrub`] hides what its free texts must
//! not carry; [`send`] has a bounded queue and one task that empties it, so that nobody waits for the server. [`panics`] makes a
//! line of a panic, which is how panics come here. Not here: what is logged (`crate::telemetry`), what is counted
//! (`crate::metrics`).
//!
//! To let an event carry one more field: a line in [`layer::FIELDS`], and in `docs/errors.md`. Never a body, a header, a query, an
//! address or the name of somebody.

pub mod layer;
pub mod panics;
pub mod scrub;
pub mod send;
#[cfg(test)]
mod tests;

pub use layer::ErrorLayer;
pub use send::{Reporter, dsn_fault};

use std::sync::OnceLock;

use crate::config::ErrorsConfig;

/// The reporter of this process.
static REPORTER: OnceLock<Reporter> = OnceLock::new();

/// The layer that sees errors and the reporter that sends them; both do nothing where no server is set.
///
/// Call it inside a tokio runtime: the task that sends runs there.
pub fn start(config: &ErrorsConfig, service: &'static str) -> (Option<ErrorLayer>, Reporter) {
    let reporter = Reporter::start(config);
    let layer = reporter.is_on().then(|| ErrorLayer::new(reporter.clone(), config.environment.clone(), service));
    (layer, reporter)
}

/// What [`start`] gives is this process's from now on. The first call decides, as with logs.
pub(crate) fn keep(reporter: Reporter) {
    // Of two that were started the first is flushed at the end; only tests start two.
    REPORTER.set(reporter).unwrap_or_default();
}

/// Counts what becomes of this process's errors from zero, where a server is set. Call it once counts are kept.
pub fn count_from_zero() {
    if let Some(reporter) = REPORTER.get() {
        reporter.count_from_zero();
    }
}

/// Waits until the process's errors are sent, at most for the deadline of one: its end, however it ends.
pub async fn flush() {
    if let Some(reporter) = REPORTER.get() {
        reporter.flush().await;
    }
}
