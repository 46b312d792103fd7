//! WorkSpaces on the wire.

use contract::workspaces::{
    ActionAvailability, FacetValue, StateChangeView, WorkspaceActionItem, WorkspaceActionView, WorkspaceDetailView,
    WorkspaceFacetsView, WorkspaceView,
};
use services::actions::{ActionItem, ActionPlan};
use services::workspaces::{FacetCount, Facets, StateHistoryRecord, WorkspaceDetail, WorkspaceRecord};

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
        now: item.now,
        accepted: item.accepted,
        code: item.code.map(str::to_owned),
        reason: item.reason,
    }
}

/// One WorkSpace in full.
#[must_use]
pub fn detail(detail: WorkspaceDetail) -> WorkspaceDetailView {
    let record = detail.workspace;
    WorkspaceDetailView {
        subnet_id: record.subnet_id.clone(),
        error_code: record.error_code.clone(),
        error_message: record.error_message.clone(),
        auto_stop_timeout_minutes: record.auto_stop_timeout_minutes,
        root_volume_gib: record.root_volume_gib,
        user_volume_gib: record.user_volume_gib,
        protocol: record.protocol.clone(),
        operating_system: record.operating_system.clone(),
        root_volume_encrypted: record.root_volume_encrypted,
        user_volume_encrypted: record.user_volume_encrypted,
        registration_code: record.registration_code.clone(),
        tags: detail.tags,
        tags_read_at: record.tags_read_at,
        first_seen_at: record.first_seen_at,
        changed_at: record.changed_at,
        history: detail.history.into_iter().map(change).collect(),
        actions: detail
            .actions
            .into_iter()
            .map(|a| ActionAvailability { action: a.action, possible: a.possible, reason: a.reason })
            .collect(),
        workspace: workspace(record),
    }
}

fn change(change: StateHistoryRecord) -> StateChangeView {
    StateChangeView { at: change.at, before: change.before, after: change.after }
}

/// The values to filter by.
#[must_use]
pub fn facets(facets: Facets) -> WorkspaceFacetsView {
    WorkspaceFacetsView {
        state: counts(facets.state),
        running_mode: counts(facets.running_mode),
        compute_type: counts(facets.compute_type),
        region: counts(facets.region),
        connection: counts(facets.connection),
        directory: counts(facets.directory),
        bundle: counts(facets.bundle),
        account: counts(facets.account),
    }
}

/// Values with their counts.
#[must_use]
pub fn counts(facets: Vec<FacetCount>) -> Vec<FacetValue> {
    let value = |facet: FacetCount| FacetValue {
        value: facet.value,
        label: facet.label,
        count: facet.count,
        directory_id: facet.directory_id,
    };
    facets.into_iter().map(value).collect()
}
