//! The payload of the queue's own housekeeping. Its runner is `worker/jobs/prune.rs`.

use serde::{Deserialize, Serialize};

/// Removes finished jobs, old events, spent sessions and links. What is kept how long is in `jobs::prune`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneJob {}

impl PruneJob {
    /// The name in the queue.
    pub const NAME: &'static str = "prune";
}
