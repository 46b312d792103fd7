//! The payloads of the syncs' jobs, all alike: what a sync needs to know is its place. Their runners are `worker/jobs/sync_*.rs`
//! and `worker/jobs/watch_workspaces.rs`. To add one: a variant of `domain::sync::SyncKind` and a line here.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, Region};
use domain::sync::SyncKind;
use serde::{Deserialize, Serialize};

/// What every sync's payload tells.
pub(super) trait SyncJob: Sync {
    /// What it brings in.
    const KIND: SyncKind;

    /// The account.
    fn account_id(&self) -> AccountId;

    /// The region.
    fn region(&self) -> &Region;
}

/// One sync of a kind at a time per account and region.
pub(super) fn unique_key(kind: SyncKind, account: AccountId, region: &Region) -> String {
    format!("{kind}:{account}:{region}")
}

macro_rules! sync_jobs {
    ($($(#[$meta:meta])* $name:ident = $kind:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The account.
            pub account_id: AccountId,
            /// The region.
            pub region: Region,
        }

        impl $name {
            /// What it brings in.
            pub const KIND: SyncKind = SyncKind::$kind;

            /// The name in the queue.
            pub const NAME: &'static str = Self::KIND.as_str();

            /// One at a time per account and region.
            #[must_use]
            pub fn unique_key(&self) -> String {
                unique_key(Self::KIND, self.account_id, &self.region)
            }
        }

        impl SyncJob for $name {
            const KIND: SyncKind = Self::KIND;

            fn account_id(&self) -> AccountId {
                self.account_id
            }

            fn region(&self) -> &Region {
                &self.region
            }
        }
    )+};
}

sync_jobs! {
    /// Reads the whole inventory of one account and region.
    SyncWorkspacesJob = Workspaces;
    /// Reads the directories of one account and region, with their stages.
    SyncDirectoriesJob = Directories;
    /// Reads who is connected in one account and region.
    SyncConnectionsJob = Connections;
    /// Reads connected hours and daily measures of one account and region.
    SyncUsageJob = Usage;
    /// Reads who did what in one account and region.
    SyncCloudTrailJob = CloudTrail;
    /// Reads what was billed for one account; the region is [`super::BILLING_REGION`].
    SyncBillingJob = Billing;
    /// Reads what things cost in one account and region.
    SyncPricesJob = Prices;
    /// Reads the images of one account and region.
    SyncImagesJob = Images;
    /// Reads how much AWS allows in one account and region.
    SyncQuotasJob = Quotas;
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
