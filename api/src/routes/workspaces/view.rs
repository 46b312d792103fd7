//! WorkSpaces on the wire.

use contract::workspaces::{WorkspaceActionItem, WorkspaceActionView, WorkspaceView};
use services::actions::{ActionItem, ActionPlan};
use services::workspaces::WorkspaceRecord;

/// A row of the list.
#[must_use]
pub fn workspace(record: WorkspaceRecord) -> WorkspaceView {
    WorkspaceView {
        id: record.id,
        aws_id: record.aws_id,
        account_id: record.account_id,
        account_name: record.account_name,
        region: record.region,
        directory_id: record.directory_aws_id,
        directory_name: record.directory_name,
        bundle_id: record.bundle_aws_id,
        bundle_name: record.bundle_name,
        user_name: record.user_name,
        computer_name: record.computer_name,
        ip_address: record.ip_address,
        state: record.state,
        state_since: record.state_since,
        running_mode: record.running_mode,
        compute_type: record.compute_type,
        connection: record.connection_state,
        last_connected_at: record.last_connected_at,
        gone_at: record.gone_at,
    }
}

/// What an action will or would do.
#[must_use]
pub fn plan(plan: ActionPlan) -> WorkspaceActionView {
    WorkspaceActionView {
        action: plan.action,
        dry_run: plan.dry_run,
        job_id: plan.job_id,
        accepted: plan.accepted() as u64,
        refused: plan.refused() as u64,
        items: plan.items.into_iter().map(item).collect(),
    }
}

fn item(item: ActionItem) -> WorkspaceActionItem {
    WorkspaceActionItem {
        id: item.id,
        aws_id: item.aws_id,
        user_name: item.user_name,
        accepted: item.accepted,
        code: item.code.map(str::to_owned),
        reason: item.reason,
    }
}
