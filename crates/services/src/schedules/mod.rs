//! Schedules: what runs by itself. `table.rs` is the only table of schedules, with what each starts; `ticks.rs` says when;
//! `service.rs` is what people ask for: look, change, pause, run now. What makes them tick is `worker::schedule`.
//! To add one: see [`table`].

pub mod error;
pub mod service;
pub mod table;
pub mod ticks;

#[cfg(test)]
mod tests;

pub use error::ScheduleError;
pub use service::{
    LastJob, ScheduleChange, ScheduleOverview, list_schedules, run_schedule, run_schedule_once, update_schedule,
};
pub use table::{Schedule, Setting};
