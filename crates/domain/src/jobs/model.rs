//! What a job is while it waits, runs and ends.

use serde::{Deserialize, Serialize};

closed_enum! {
    /// Where a job stands.
    pub enum JobState {
        /// Waits for its time and a worker.
        Queued = "queued",
        /// A worker holds it.
        Running = "running",
        /// Ended well.
        Done = "done",
        /// Ended without success and won't be tried again by itself; can be retried by hand.
        Dead = "dead",
        /// Ended because somebody asked.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// Whether it has ended, one way or another.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}

closed_enum! {
    /// How one attempt of a job ended.
    pub enum AttemptOutcome {
        /// It ended well.
        Done = "done",
        /// It failed and will be tried again.
        Retry = "retry",
        /// It failed for good.
        Failed = "failed",
        /// Somebody cancelled it.
        Cancelled = "cancelled",
        /// Its worker vanished.
        Orphaned = "orphaned",
        /// Its worker was shutting down and gave it back.
        HandedBack = "handed_back",
    }
}

closed_enum! {
    /// How much a line of a job's log matters.
    pub enum LogLevel {
        /// Normal course.
        Info = "info",
        /// Something was skipped or repeated.
        Warn = "warn",
        /// Something failed.
        Error = "error",
    }
}

closed_enum! {
    /// What became of one item of a job, in the order in which items are shown.
    pub enum ItemOutcome {
        /// It was refused, or it is not known what became of it.
        Failed = "failed",
        /// The job ended before it was its turn, or before there was an answer.
        Skipped = "skipped",
        /// It was done.
        Done = "done",
        /// It has its turn later.
        Waiting = "waiting",
    }
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobProgress {
    /// Units done.
    pub done: i64,
    /// Units in all, when known.
    pub total: Option<i64>,
    /// What is going on, in words.
    pub note: String,
}
