//! Syncs as data: the typed report of a run. Not the sync itself (`services::sync`).

mod model;

pub use model::{SyncKind, SyncOutcome, SyncProblem, SyncReport};
