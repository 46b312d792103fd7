//! What happened, for those who watch: the kinds of the outbox and of the live stream. Data stays small: ids and the new
//! state; a reader fetches the rest under its own rights.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, BudgetId, DirectoryId, JobId, Region, UserId, WorkspaceId};
use crate::jobs::{JobProgress, JobState};
use crate::workspace::WorkspaceState;

/// An event, as it stands in the outbox and on the live stream (`type` is the SSE event name).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A WorkSpace changed its state.
    WorkspaceState {
        /// The WorkSpace.
        id: WorkspaceId,
        /// The directory user name, for the scope of those who watch.
        user_name: String,
        /// The state now.
        state: WorkspaceState,
        /// The state before, if it was known.
        before: Option<WorkspaceState>,
        /// The account, for the scope of those who watch; `None` in events from before it was told.
        #[serde(default)]
        account_id: Option<AccountId>,
        /// The region, likewise.
        #[serde(default)]
        region: Option<Region>,
        /// The directory, likewise.
        #[serde(default)]
        directory_id: Option<DirectoryId>,
    },
    /// The fleet of an account changed (a sync brought something in); lists should be read again.
    FleetChanged {
        /// The account.
        account_id: AccountId,
        /// The region in it; `None` in events from before it was told.
        #[serde(default)]
        region: Option<Region>,
        /// How many rows were added, changed or went.
        rows: u64,
    },
    /// A job moved.
    Job {
        /// The job.
        id: JobId,
        /// Its name, such as `sync-workspaces`.
        kind: String,
        /// Its state.
        state: JobState,
        /// How far it is.
        progress: JobProgress,
        /// Who asked for it; `None` for schedules.
        created_by: Option<UserId>,
        /// The account it works on; `None` when it is about none, or several.
        #[serde(default)]
        account_id: Option<AccountId>,
        /// The region of the account, when it is about one only.
        #[serde(default)]
        region: Option<Region>,
    },
    /// An account was connected, changed or tested.
    Account {
        /// The account.
        id: AccountId,
    },
    /// Somebody changed a schedule.
    Schedule {
        /// Its name, such as `sync-usage`.
        name: String,
    },
    /// A budget's threshold was crossed.
    BudgetCrossed {
        /// The budget.
        id: BudgetId,
        /// The threshold, percent of its amount.
        threshold: u16,
        /// The account it is for, for the scope of those who watch; `None` when it is about all.
        account_id: Option<AccountId>,
    },
    /// Things of a kind were changed, as the audit log says, or read anew; lists and figures of them should be read again.
    Changed {
        /// What: as the audit log's actions begin, such as `user` or `report`; or `usage`, `cost` and `trail` for what was read.
        what: String,
        /// Who changed it; `None` for the installation itself.
        user_id: Option<UserId>,
        /// The account it belongs to, for the scope of those who watch; `None` when it belongs to none.
        account_id: Option<AccountId>,
        /// The region of the account, when it is about one only.
        region: Option<Region>,
    },
}

impl Event {
    /// The SSE event name.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::WorkspaceState { .. } => "workspace_state",
            Self::FleetChanged { .. } => "fleet_changed",
            Self::Job { .. } => "job",
            Self::Account { .. } => "account",
            Self::Schedule { .. } => "schedule",
            Self::BudgetCrossed { .. } => "budget_crossed",
            Self::Changed { .. } => "changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_from_before_they_told_their_place_are_still_read() {
        let id = "00000000-0000-0000-0000-000000000007";
        let old = [
            format!(r#"{{"type":"workspace_state","id":"{id}","user_name":"ana","state":"STOPPED","before":null}}"#),
            format!(r#"{{"type":"fleet_changed","account_id":"{id}","rows":3}}"#),
            format!(
                r#"{{"type":"job","id":"{id}","kind":"prune","state":"done","progress":{{"done":1,"total":null,"note":""}},"created_by":null}}"#
            ),
        ];
        for text in old {
            let told = match serde_json::from_str(&text).unwrap() {
                Event::WorkspaceState { account_id, region, directory_id, .. } => {
                    account_id.is_some() || region.is_some() || directory_id.is_some()
                }
                Event::FleetChanged { region, .. } => region.is_some(),
                Event::Job { account_id, region, .. } => account_id.is_some() || region.is_some(),
                other => panic!("{other:?}"),
            };
            assert!(!told, "{text}");
        }
    }
}
