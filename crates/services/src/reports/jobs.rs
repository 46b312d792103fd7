//! The payloads of the jobs that make a report and send it. Their runners are `worker/jobs/report.rs` and
//! `worker/jobs/deliver_report.rs`.

use domain::ids::{ReportDeliveryId, ReportRunId};
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

/// Sends the file of one run to one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverReportJob {
    /// The sending, which says to whom or where to.
    pub delivery_id: ReportDeliveryId,
}

impl DeliverReportJob {
    /// The name in the queue.
    pub const NAME: &'static str = "deliver-report";
}
