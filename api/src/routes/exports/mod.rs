//! Every table as a file. Each endpoint reads its list's filters; `answer` is what they share. What is in a table is
//! `services::exports::tables`.

mod answer;
pub mod audit_log;
pub mod costs;
pub mod data_sets;
mod error;
pub mod jobs;
pub mod sync_runs;
pub mod trail;
pub mod usage;
pub mod users;
pub mod workspaces;
