//! The overview on the wire.

use contract::overview::OverviewView;
use services::workspaces::Overview;

use crate::routes::sync_runs::view::run;
use crate::routes::workspaces::view::counts;

/// The fleet in numbers.
pub(super) fn view(overview: Overview) -> OverviewView {
    OverviewView {
        workspaces: overview.workspaces,
        connected: overview.connected,
        in_transition: overview.in_transition,
        troubled: overview.troubled,
        by_state: counts(overview.by_state),
        by_running_mode: counts(overview.by_running_mode),
        by_region: counts(overview.by_region),
        accounts: overview.accounts,
        last_syncs: overview.last_syncs.into_iter().map(run).collect(),
        fresh_since: overview.fresh_since,
        jobs_active: overview.jobs_active,
        jobs_dead: overview.jobs_dead,
        quotas_nearly_used: overview.quotas_nearly_used,
    }
}
