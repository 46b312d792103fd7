//! AWS's events: how far they are known, the list with filters in the address, one event in a drawer.

pub mod coverage;
mod drawer;
mod facets;
mod filters;
#[cfg(test)]
mod in_browser;
mod view;
mod words;

pub use view::TrailPage;
