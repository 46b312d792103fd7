//! What happened out of both records, our own log and AWS's events, in one order. Each is shown to those who may see it where it comes
//! from, and the look is noted as a look there; what is left out is said.
//!
//! Not what one WorkSpace went through (`timeline`), and not the records themselves (`audit`, `trail`).

mod error;
mod service;

pub use error::ActivityError;
pub(crate) use service::take_activity;
pub use service::{Activity, ActivityItem, LeftOut, list_activity};
pub use store::repo::activity::ActivityFilter;
