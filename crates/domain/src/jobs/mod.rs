//! Jobs as data: states, progress, and the rules of retry. Not the queue itself (`store::queue`), nor what jobs do
//! (`worker::jobs`).

mod model;
pub mod rules;

pub use model::{AttemptOutcome, ItemOutcome, JobProgress, JobState, LogLevel};
