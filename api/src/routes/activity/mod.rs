//! What happened out of both records: our own log and AWS's events. Its export is in `exports`.

mod error;
pub(crate) mod filter;
pub mod list;
mod view;
