//! Costs.

use contract::costs::{
    CostDaysQuery, CostDaysView, CostEstimatesQuery, CostGroupView, CostGroupsQuery, CostQuery, CostSummaryView,
    EstimateGroupView, ReconciledAccountsQuery, ReconciledAccountsView, ReconciliationQuery, ReconciliationView,
    WorkspaceCostQuery, WorkspaceCostView,
};
use contract::page::Page;
use contract::paths;

use super::{ApiError, client};

/// The running month.
pub async fn summary(query: &CostQuery) -> Result<CostSummaryView, ApiError> {
    client::get_query(paths::COSTS_SUMMARY, query).await
}

/// By day.
pub async fn days(query: &CostDaysQuery) -> Result<CostDaysView, ApiError> {
    client::get_query(paths::COSTS_DAILY, query).await
}

/// A page of groups.
pub async fn groups(query: &CostGroupsQuery) -> Result<Page<CostGroupView>, ApiError> {
    client::get_query(paths::COSTS_GROUPS, query).await
}

/// A page of what groups of WorkSpaces are reckoned to cost.
pub async fn estimates(query: &CostEstimatesQuery) -> Result<Page<EstimateGroupView>, ApiError> {
    client::get_query(paths::COSTS_ESTIMATES, query).await
}

/// Our estimate against the bill.
pub async fn reconciliation(query: &ReconciliationQuery) -> Result<ReconciliationView, ApiError> {
    client::get_query(paths::COSTS_RECONCILIATION, query).await
}

/// Our estimates against the bills, account by account and in all.
pub async fn reconciled_accounts(query: &ReconciledAccountsQuery) -> Result<ReconciledAccountsView, ApiError> {
    client::get_query(paths::COSTS_RECONCILIATION_ACCOUNTS, query).await
}

/// A page of WorkSpaces with what each costs.
pub async fn workspaces(query: &WorkspaceCostQuery) -> Result<Page<WorkspaceCostView>, ApiError> {
    client::get_query(paths::COSTS_WORKSPACES, query).await
}
