//! What happened to one WorkSpace: its states, its configuration, what was asked for here, and what AWS tells, in one order. Each is
//! shown to those who may see it where it comes from; what is left out is said.
//!
//! To add a kind: its permission in `service::needs`, and what `store::repo::timeline` says of kinds.

mod error;
mod service;
mod told;

#[cfg(test)]
mod tests;

pub use error::TimelineError;
pub use service::{LeftOut, Timeline, TimelineFilter, TimelineItem, fetch_timeline};
pub use store::repo::timeline::TimelineFact;
pub use told::Told;
