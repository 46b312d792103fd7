//! The live stream. Each Server-Sent Event has the outbox id as `id`, [`domain::event::Event::kind`] as `event` and the
//! event as JSON in `data`. A client that comes back with `Last-Event-ID` gets what it missed; if that is no longer kept,
//! it first gets [`RESET`] and should read its lists again. A comment line every 15 seconds keeps proxies awake.

pub use domain::event::Event;

/// The SSE event name that says: events were missed for good, read everything again.
pub const RESET: &str = "reset";
