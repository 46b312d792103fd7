//! The live stream, for those who pass it on: what happened after a given moment, and who may know of it.
//! Events are written by the use cases that cause them, in their transaction.

mod change;
pub mod error;
pub mod service;

pub(crate) use change::changed;
pub use error::EventsError;
pub use service::{CHANNEL, events_after, latest_event_id, oldest_event_id, visible_to};
pub use store::repo::events::EventRecord;
