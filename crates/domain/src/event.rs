//! What happened, for those who watch: the kinds of the outbox and of the live stream. Data stays small: ids and the new
//! state; a reader fetches the rest under its own rights.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, JobId, UserId, WorkspaceId};
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
    },
    /// The fleet of an account changed (a sync brought something in); lists should be read again.
    FleetChanged {
        /// The account.
        account_id: AccountId,
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
        }
    }
}
