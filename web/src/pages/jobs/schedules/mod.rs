//! The schedules: what runs by itself, how often, and changing it.

mod edit;
#[cfg(test)]
mod in_browser;
mod row;
mod state;
mod view;

pub use state::about;
pub use view::SchedulesPage;
