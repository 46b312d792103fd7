//! Syncs as data: the typed report of a run. Not the sync itself (`services::sync`).

mod data_set;
mod model;

pub use data_set::{DataSetStatus, Gap};
pub use model::{SyncKind, SyncOutcome, SyncProblem, SyncReport};
