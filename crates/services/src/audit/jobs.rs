//! The payloads of the audit log's jobs. Their runners are `worker/jobs/audit.rs`.

use serde::{Deserialize, Serialize};

/// Signs the end of the chain into a file outside the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCheckpointJob {}

impl AuditCheckpointJob {
    /// The name in the queue.
    pub const NAME: &'static str = "audit-checkpoint";
}

/// Verifies the whole chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVerifyJob {}

impl AuditVerifyJob {
    /// The name in the queue.
    pub const NAME: &'static str = "audit-verify";
}
