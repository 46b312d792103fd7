//! Costs as people look at them: what AWS billed over some days, in all or by group; what the running month will come to
//! ([`forecast`]); what each WorkSpace costs ([`estimate`]), what groups of them do ([`estimated`]), and why the bill is another
//! ([`reconciliation`]; account by account [`reconciled_accounts`]), both of what was reckoned once ([`kept`]); what could be
//! saved ([`savings`]), and on one WorkSpace ([`advice`]). What brings costs in is `sync::billing`; what prices and hours mean
//! is `domain::{cost, usage}`.
//!
//! Costs are of whole accounts: whoever may read the costs of a part of an account only sees none of them.

pub mod advice;
pub mod error;
pub mod estimate;
pub mod estimated;
pub mod forecast;
pub mod groups;
pub mod kept;
mod prices;
mod reckoned;
pub mod reconciled_accounts;
pub mod reconciliation;
pub mod savings;
pub mod service;
pub mod summary;
#[cfg(test)]
mod tests;
pub mod workspaces;

pub use advice::{NotCompared, WorkspaceAdvice, fetch_workspace_advice};
pub use domain::cost::{CostBy, CostGrouping, EstimateBy};
pub use error::CostError;
pub use estimate::{ChargeEstimate, NotReckoned, WorkspaceEstimate};
pub use estimated::{EstimatedBefore, EstimatedGroup, cost_estimates, list_cost_estimates};
pub use forecast::{Forecast, month_forecast};
pub use groups::{CostDaySum, CostDays, OTHERS, cost_days_by, cost_groups, list_cost_groups};
pub use kept::KeptEstimates;
pub use reconciled_accounts::{ReconciledAccount, ReconciledAccounts, ReconciledSum, reconcile_accounts};
pub use reconciliation::{ReckonedAs, ReckonedCounts, Reconciled, reconcile_month};
pub use savings::{Advice, Compared, Finding, Savings, find_savings};
pub use service::{BilledAccount, CostQuestion, billed_accounts, cost_by, cost_by_tag, cost_totals};
pub use store::repo::costs::{CostGroup, CostSum};
pub use summary::{CostSummary, CurrencySummary, summarize_costs};
pub use workspaces::{list_workspace_costs, workspace_charges};
