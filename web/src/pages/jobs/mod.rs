//! The jobs pages: the queue and its runs with live progress, the schedules, the data sets.

pub mod data_sets;
mod head;
#[cfg(test)]
mod in_browser;
mod parts;
pub mod schedules;
mod state;
mod summary;
mod view;

pub use parts::JobsPages;
pub use state::kind_words;
