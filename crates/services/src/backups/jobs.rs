//! The payload of the backup's job. Its runner is `worker/jobs/backup.rs`.

use serde::{Deserialize, Serialize};

/// Makes a backup in the configured folder and removes those that need not be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupJob {}

impl BackupJob {
    /// The name in the queue.
    pub const NAME: &'static str = "backup";
}
