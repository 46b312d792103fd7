//! What a process keeps of the audit log: the queue of noted reads, and where checkpoints and their key are.

use std::path::PathBuf;
use std::sync::Arc;

use super::files::Files;
use super::reads::Reads;

/// Where checkpoints go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditOptions {
    /// The folder of the files; made at the first checkpoint.
    pub folder: PathBuf,
    /// The file of the signing key; `audit.key` in the folder when absent. Made at the first checkpoint, 0600.
    pub key_file: Option<PathBuf>,
}

/// What a process keeps of the audit log. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AuditLog {
    pub(super) reads: Reads,
    pub(super) files: Arc<Files>,
}

impl AuditLog {
    /// With its files there.
    #[must_use]
    pub fn new(options: AuditOptions) -> Self {
        Self { reads: Reads::default(), files: Arc::new(Files::new(options)) }
    }
}
