//! Our own log: how it stands, the entries with filters in the address, one entry in a drawer, the export.

mod drawer;
mod facets;
mod filters;
#[cfg(test)]
mod in_browser;
pub mod standing;
mod view;
pub mod words;

pub use view::LogPage;
