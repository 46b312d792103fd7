//! Our own audit log: list, what to filter it by, one entry, how it stands. Its export is in `exports`.

mod error;
pub mod facets;
pub mod fetch;
pub(crate) mod filter;
pub mod list;
pub mod state;
mod view;
