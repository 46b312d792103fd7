//! A run of work that no queue knows of and nobody watches.

use async_trait::async_trait;
use domain::ids::JobId;
use domain::jobs::LogLevel;
use serde_json::Value;
use services::run::{JobError, RunHandle};
use store::Tx;
use uuid::Uuid;

/// The handle of a run that goes on to its end; what it says is heard by nobody.
#[derive(Debug, Clone, Copy)]
pub struct Quiet(pub JobId);

impl Default for Quiet {
    /// For work that has effects of its own under no job.
    fn default() -> Self {
        Self(JobId(Uuid::from_u128(1)))
    }
}

#[async_trait]
impl RunHandle for Quiet {
    fn job_id(&self) -> JobId {
        self.0
    }

    fn cancelled(&self) -> bool {
        false
    }

    fn handed_back(&self) -> bool {
        false
    }

    async fn progress(&self, _: u64, _: Option<u64>, _: &str) {}

    async fn log(&self, _: LogLevel, _: &str) {}

    fn checkpoint(&self) -> Option<Value> {
        None
    }

    async fn save_checkpoint(&self, _: &Tx, _: &Value) -> Result<(), JobError> {
        Ok(())
    }
}
