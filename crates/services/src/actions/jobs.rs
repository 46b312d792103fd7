//! The payload of the job that carries out an action. Its runner is `worker/jobs/workspace_action.rs`.

use domain::ids::{AccountId, Region, WorkspaceId};
use domain::workspace::WorkspaceOrder;
use serde::{Deserialize, Serialize};

/// Carries out an action on WorkSpaces that were accepted when it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceActionJob {
    /// What to do: `action`, beside what it has to be told.
    #[serde(flatten)]
    pub order: WorkspaceOrder,
    /// On which ones; account and region are there so that the job can be grouped without a look-up.
    pub targets: Vec<ActionTarget>,
}

/// One WorkSpace of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionTarget {
    /// Our row.
    pub id: WorkspaceId,
    /// `ws-…`.
    pub aws_id: String,
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
}

impl WorkspaceActionJob {
    /// The name in the queue.
    pub const NAME: &'static str = "workspace-action";
}
