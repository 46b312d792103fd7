//! A panic is a line of the log like any other, at level `error` and with the span it happened in, not text between the lines.
//! Nobody wrote its words for a log: they go through [`scrub`](super::scrub) here already.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::sync::Once;

use super::scrub::scrub;

/// The target of these lines.
pub const TARGET: &str = "panic";

/// From now on panics are told to the logs. Again is harmless.
pub fn hook() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| std::panic::set_hook(Box::new(tell)));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    // There only where RUST_BACKTRACE asks for it.
    let trace = Backtrace::capture();
    let backtrace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
    tracing::error!(target: TARGET, error = scrub(text(panic.payload())), at, backtrace, "a panic");
}

/// What a panic said.
#[must_use]
pub fn text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_tell_their_text() {
        assert_eq!(text(&"plain"), "plain");
        assert_eq!(text(&String::from("made")), "made");
        assert_eq!(text(&7), "without words");
    }
}
