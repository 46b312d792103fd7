//! The list of jobs, with live progress.

mod state;
mod view;

pub use state::kind_words;
pub use view::JobListPage;
