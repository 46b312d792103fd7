//! Schedules: list, change, run now. What makes them tick is in `worker`.

mod error;
pub mod list;
pub mod run;
pub mod update;
pub mod view;
