//! The overview: the fleet in numbers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::accounts::SyncRunView;
use crate::workspaces::FacetValue;

/// The fleet in numbers. Only WorkSpaces that are there count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OverviewView {
    /// WorkSpaces in all.
    pub workspaces: u64,
    /// How many have somebody connected.
    pub connected: u64,
    /// How many are on their way to another state.
    pub in_transition: u64,
    /// How many are IMPAIRED, UNHEALTHY, ERROR or SUSPENDED.
    pub troubled: u64,
    /// By state.
    pub by_state: Vec<FacetValue>,
    /// By running mode.
    pub by_running_mode: Vec<FacetValue>,
    /// By region.
    pub by_region: Vec<FacetValue>,
    /// Accounts connected.
    pub accounts: u64,
    /// The newest run of each account and region.
    pub last_syncs: Vec<SyncRunView>,
    /// The oldest of the newest whole runs: everything shown is at least as fresh. Absent while a region has none.
    pub fresh_since: Option<DateTime<Utc>>,
    /// Jobs queued or running.
    pub jobs_active: u64,
    /// Jobs dead.
    pub jobs_dead: u64,
    /// Quotas of which 80 % or more is used, of the accounts and regions that you see wholly.
    pub quotas_nearly_used: u64,
}
