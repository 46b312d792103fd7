//! What a sync run reports.

use serde::{Deserialize, Serialize};

use crate::cloud::CloudError;

closed_enum! {
    /// What a sync brings in. The text is also the job's name.
    pub enum SyncKind {
        /// Directories, bundles, WorkSpaces, tags and connection status.
        Workspaces = "sync-workspaces",
        /// Directories alone, with their stage.
        Directories = "sync-directories",
        /// Who is connected, and when somebody was last.
        Connections = "sync-connection-status",
        /// Connected hours and daily measures out of CloudWatch.
        Usage = "sync-usage",
        /// Who did what, out of CloudTrail.
        CloudTrail = "sync-cloudtrail",
        /// What was billed, out of Cost Explorer; for the whole account.
        Billing = "sync-billing",
        /// What things cost, out of the Price List.
        Prices = "sync-prices",
        /// The images that bundles are made of.
        Images = "sync-images",
        /// How much AWS allows, out of Service Quotas.
        Quotas = "sync-quotas",
    }
}

closed_enum! {
    /// How a run ended.
    pub enum SyncOutcome {
        /// It still runs.
        Running = "running",
        /// Everything was read.
        Whole = "whole",
        /// Something could not be read; what could be is in.
        Partial = "partial",
        /// Nothing could be read.
        Failed = "failed",
        /// Somebody cancelled it.
        Cancelled = "cancelled",
    }
}

/// Something a run could not read or understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncProblem {
    /// The call, such as `workspaces:DescribeTags`.
    pub operation: String,
    /// A stable code: [`CloudError::code`], or `unknown_value`.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
    /// How many times the same was met.
    pub count: u64,
}

impl From<&CloudError> for SyncProblem {
    fn from(error: &CloudError) -> Self {
        let missing_permission = match error {
            CloudError::Denied { permission, .. } => Some(permission.clone()),
            _ => None,
        };
        Self {
            operation: error.operation().to_owned(),
            code: error.code().to_owned(),
            message: error.to_string(),
            missing_permission,
            count: 1,
        }
    }
}

/// The typed report of one run for one account and region, of whatever kind: what a kind does not bring in stays zero.
/// Reports are kept: a field that is added later
/// takes `#[serde(default)]`, so that older ones can still be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// WorkSpaces AWS showed.
    pub seen: u64,
    /// New ones.
    pub added: u64,
    /// Ones that differ from what was known.
    pub changed: u64,
    /// Ones as they were.
    pub unchanged: u64,
    /// Ones that were known and are no longer there.
    pub gone: u64,
    /// Directories seen.
    pub directories: u64,
    /// Bundles seen.
    pub bundles: u64,
    /// WorkSpaces whose tags were read.
    pub tags_read: u64,
    /// Connection states read.
    pub connections: u64,
    /// API requests sent, retries included.
    pub aws_calls: u64,
    /// WorkSpaces that are on their way to another state.
    pub in_transition: u64,
    /// Rows AWS gave: events, costs, prices, directories or connection states, as the kind has it.
    #[serde(default)]
    pub items_read: u64,
    /// Of these, new or different from what was known.
    #[serde(default)]
    pub items_written: u64,
    /// Metric points read.
    #[serde(default)]
    pub points_read: u64,
    /// Rows or points that were left out; `problems` says why.
    #[serde(default)]
    pub skipped: u64,
    /// What AWS charges for the requests of this run, in 1e-10 USD.
    #[serde(default)]
    pub cost_e10: i64,
    /// What could not be read or understood.
    pub problems: Vec<SyncProblem>,
}

impl SyncReport {
    /// Notes a problem, counting repeats of the same operation and code instead of listing them.
    pub fn note(&mut self, problem: SyncProblem) {
        match self.problems.iter_mut().find(|p| p.operation == problem.operation && p.code == problem.code) {
            Some(same) => same.count += problem.count,
            None => self.problems.push(problem),
        }
    }
}
