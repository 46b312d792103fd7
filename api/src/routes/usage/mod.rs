//! Usage: in all, by hour of the week, by day, by day and group, in bins, by group, one by one. `ask.rs` reads what all queries have, `period.rs` the
//! days.

pub(crate) mod ask;
pub mod daily;
pub mod distribution;
mod error;
pub mod groups;
pub mod heat_map;
pub(crate) mod period;
pub mod ranking;
pub mod summary;
pub mod trend;
pub mod unused;
mod view;
