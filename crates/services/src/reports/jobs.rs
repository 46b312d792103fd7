//! The payload of the job that makes a report. Its runner is `worker/jobs/report.rs`.

use domain::ids::ReportRunId;
use serde::{Deserialize, Serialize};

/// Makes the file of one run of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReportJob {
    /// The run; its file is named by it, so that making it twice makes it once.
    pub run_id: ReportRunId,
}

impl RunReportJob {
    /// The name in the queue.
    pub const NAME: &'static str = "run-report";
}
