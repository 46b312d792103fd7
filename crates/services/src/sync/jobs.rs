//! The payloads of the sync's jobs. Their runners are `worker/jobs/{sync_workspaces,watch_workspaces}.rs`.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, Region};
use serde::{Deserialize, Serialize};

/// Reads the whole inventory of one account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncWorkspacesJob {
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
}

impl SyncWorkspacesJob {
    /// The name in the queue.
    pub const NAME: &'static str = "sync-workspaces";

    /// One at a time per account and region.
    #[must_use]
    pub fn unique_key(&self) -> String {
        format!("{}:{}:{}", Self::NAME, self.account_id, self.region)
    }
}

/// Reads again, by id, the WorkSpaces of one account and region that are on their way to another state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchWorkspacesJob {
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// Since when it is watched without anything having moved; it gives up 30 minutes after.
    pub quiet_since: DateTime<Utc>,
}

impl WatchWorkspacesJob {
    /// The name in the queue.
    pub const NAME: &'static str = "watch-workspaces";

    /// One at a time per account and region.
    #[must_use]
    pub fn unique_key(&self) -> String {
        format!("{}:{}:{}", Self::NAME, self.account_id, self.region)
    }
}
