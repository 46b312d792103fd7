//! AWS's events: list, one event, the values to filter by, how far they are known.

pub mod coverage;
mod error;
pub mod facets;
pub mod fetch;
pub(crate) mod filter;
pub mod list;
pub(crate) mod view;
