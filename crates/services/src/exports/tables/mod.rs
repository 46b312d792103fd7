//! The tables that can be taken along, one file each: columns, what it is narrowed to, its pages.

/// The columns of a list's table, each with how its cell is made of a row: the `COLUMNS` and `cells` of a `table::List`.
macro_rules! columns {
    ($of:ty as $item:pat => $($column:expr => $cell:expr),+ $(,)?) => {
        const COLUMNS: &'static [Column] = &[$($column),+];

        fn cells($item: $of) -> Row {
            vec![$($cell),+]
        }
    };
}

use domain::access::Permission;
use domain::audit::Entry;
use serde_json::json;

use crate::workspaces::PlaceFilter;

mod account_regions;
mod accounts;
mod activity;
mod api_keys;
mod assistant_levels;
mod audit_log;
mod budgets;
mod bundles;
mod cost_estimates;
mod cost_groups;
mod costs;
mod data_sets;
mod directories;
mod images;
mod invitations;
mod job_attempts;
mod job_items;
mod job_log;
mod job_problems;
mod jobs;
mod quotas;
mod reconciled_accounts;
mod reconciliation;
mod report_runs;
mod reports;
mod requests;
mod roles;
mod schedules;
mod settings;
mod sync_runs;
mod teams;
mod timeline;
mod trail;
mod usage;
mod usage_groups;
mod usage_ranking;
mod usage_unused;
mod user_grants;
mod users;
mod workspace_advice;
mod workspace_charges;
mod workspace_costs;
mod workspace_tags;
mod workspaces;

pub use account_regions::AccountRegionTable;
pub use accounts::AccountTable;
pub use activity::ActivityTable;
pub use api_keys::ApiKeyTable;
pub use assistant_levels::AssistantLevelTable;
pub use audit_log::AuditTable;
pub use budgets::BudgetTable;
pub use bundles::BundleTable;
pub use cost_estimates::CostEstimateTable;
pub use cost_groups::CostGroupTable;
pub use costs::CostTable;
pub use data_sets::DataSetTable;
pub use directories::DirectoryTable;
pub use images::ImageTable;
pub use invitations::InvitationTable;
pub use job_attempts::JobAttemptTable;
pub use job_items::JobItemTable;
pub use job_log::JobLogTable;
pub use job_problems::JobProblemTable;
pub use jobs::JobTable;
pub use quotas::QuotaTable;
pub use reconciled_accounts::ReconciledAccountTable;
pub use reconciliation::ReconciliationTable;
pub use report_runs::ReportRunTable;
pub use reports::ReportTable;
pub use requests::RequestTable;
pub use roles::RoleTable;
pub use schedules::ScheduleTable;
pub use settings::{SettingRow, SettingTable};
pub use sync_runs::SyncRunTable;
pub use teams::TeamTable;
pub use timeline::TimelineTable;
pub use trail::TrailTable;
pub use usage::UsageTable;
pub use usage_groups::UsageGroupTable;
pub use usage_ranking::UsageRankingTable;
pub use usage_unused::UsageUnusedTable;
pub use user_grants::UserGrantTable;
pub use users::UserTable;
pub use workspace_advice::WorkspaceAdviceTable;
pub use workspace_charges::WorkspaceChargeTable;
pub use workspace_costs::WorkspaceCostTable;
pub use workspace_tags::WorkspaceTagTable;
pub use workspaces::WorkspaceTable;

/// Several words in one cell.
fn listed(words: impl IntoIterator<Item = impl ToString>) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join("; ")
}

/// What the audit log says of directories, bundles, images or quotas that were taken along.
fn places_said(action: &str, filter: &PlaceFilter) -> Entry {
    let PlaceFilter { account_ids, regions, q, at_least } = filter;
    let entry = Entry::new(action, Permission::WorkspaceRead);
    let mut after = json!({ "accounts": account_ids, "regions": regions });
    if let Some(least) = at_least {
        after["at_least"] = json!(least);
    }
    users::looked_for(entry.after(after), q.as_deref())
}
