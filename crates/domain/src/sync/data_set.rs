//! How a data set does: fresh or not, whole or with gaps. Not its rows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

closed_enum! {
    /// How the last run of a data set left it.
    pub enum DataSetStatus {
        /// Everything was read.
        Ok = "ok",
        /// Something could not be read; what could be is in.
        Partial = "partial",
        /// Nothing could be read.
        Failed = "failed",
        /// No run has ended yet.
        Never = "never",
    }
}

/// A stretch of time that is missing from a data set. The end is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// Why it is missing, for a person.
    pub reason: String,
}
