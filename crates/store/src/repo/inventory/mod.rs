//! What syncs write: WorkSpaces by the batch, those that went, directories, bundles, images, quotas, tags and connection states. Everything
//! is set-based: a batch is a handful of statements however many rows it has, and rows that did not change cost one update
//! that touches no index. Not what people look at (`repo::workspaces`), nor the run itself (`repo::sync_runs`).

mod apply;
mod around;
mod configuration;
mod details;
mod moves;
mod places;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::ids::{AccountId, DirectoryId, Region, SyncRunId, WorkspaceId};
use domain::workspace::WorkspaceState;

pub use apply::{BatchOutcome, inventory_apply};
pub use around::{ImageRecord, QuotaRecord, images_apply, images_forget, quotas_apply, quotas_forget};
pub(crate) use around::{image_record, quota_record};
pub use details::{TagsDue, connections_apply, connections_unknown, tags_apply, tags_due};
pub use moves::{mark_gone, moving_since, workspaces_mark_gone, workspaces_state_set};
pub use places::{
    BundleRecord, DirectoryRecord, bundle_aws_ids_in_use, bundle_list, bundles_apply, directories_apply,
    directories_mark_gone, directory_list,
};
pub(crate) use places::{bundle_record, directory_record};

/// Where a batch comes from.
#[derive(Debug, Clone)]
pub struct SyncContext {
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// The run that sees it; `None` when it is looked at outside a run, which leaves 'seen' as it is.
    pub run: Option<SyncRunId>,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A WorkSpace that is in another state than it was known in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// The WorkSpace.
    pub id: WorkspaceId,
    /// `ws-…`.
    pub aws_id: String,
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// The directory.
    pub directory_id: DirectoryId,
    /// The directory user name.
    pub user_name: String,
    /// The state before; `None` when it is new.
    pub before: Option<WorkspaceState>,
    /// The state now.
    pub after: WorkspaceState,
}

impl StateChange {
    /// The event that tells of it.
    #[must_use]
    pub fn event(&self) -> Event {
        Event::WorkspaceState {
            id: self.id,
            user_name: self.user_name.clone(),
            state: self.after.clone(),
            before: self.before.clone(),
            account_id: Some(self.account_id),
            region: Some(self.region.clone()),
            directory_id: Some(self.directory_id),
        }
    }
}
