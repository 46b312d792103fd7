//! Everything that happened: AWS's events and our own log in one list with filters in the address. What a row tells in full is in the
//! drawer of its own list.

mod filters;
#[cfg(test)]
mod in_browser;
mod view;
pub mod words;

pub use view::AllPage;
