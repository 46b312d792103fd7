//! What groups of WorkSpaces cost in a month by our own reckoning: a row for each currency of a group.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::money::Money;
use domain::usage::Month;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use super::usage::looked_for;
use crate::cost::{EstimateBy, EstimatedGroup, cost_estimates};
use crate::workspaces::WorkspaceFilter;
use crate::{Context, Page, PageRequest};

/// The groups of a month.
#[derive(Debug, Clone)]
pub struct CostEstimateTable {
    /// The month.
    pub month: Month,
    /// Of which accounts and regions.
    pub filter: WorkspaceFilter,
    /// What they are told apart by.
    pub by: EstimateBy,
}

/// A group in one of its currencies, with what it is for each active user; without either where it has no estimate.
type InCurrency = (EstimatedGroup, Option<Money>, Option<Money>);

#[async_trait]
impl List for CostEstimateTable {
    type Item = InCurrency;
    const NAME: &'static str = "cost-estimates";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { InCurrency as (group, estimate, share) =>
        Column::text("key") => Cell::Text(group.key),
        Column::text("label") => Cell::Text(group.label),
        Column::number("workspaces") => Cell::number(group.workspaces),
        Column::number("not_reckoned") => Cell::number(group.not_reckoned),
        Column::number("hours_unknown") => Cell::number(group.hours_unknown),
        Column::number("active_users") => Cell::number(group.active_users),
        Column::number("estimate") => Cell::maybe_number(estimate.map(|sum| sum.amount.normalize())),
        Column::number("per_active_user") => Cell::maybe_number(share.map(|sum| sum.amount.normalize())),
        Column::text("currency") => Cell::maybe(estimate.map(|sum| sum.currency)),
    }

    fn said(&self) -> Entry {
        let WorkspaceFilter { accounts, regions, .. } = &self.filter;
        let said = json!({ "month": self.month, "accounts": accounts, "regions": regions, "by": self.by.as_str() });
        looked_for(Entry::new("cost-estimate.export", Permission::CostRead).after(said), &self.filter)
    }

    /// All at once: each page would reckon the whole month again.
    async fn items(&self, ctx: &Context, actor: &Actor, _page: PageRequest) -> Result<Page<InCurrency>, ExportError> {
        let groups = cost_estimates(ctx, actor, &self.filter, self.by, self.month).await?;
        Ok(whole(groups.into_iter().flat_map(by_currency).collect()))
    }
}

fn by_currency(group: EstimatedGroup) -> Vec<InCurrency> {
    let shares = group.per_active_user();
    let share = |sum: &Money| shares.iter().find(|share| share.currency == sum.currency).copied();
    let rows: Vec<_> = group.estimates.iter().map(|sum| (group.clone(), Some(*sum), share(sum))).collect();
    if rows.is_empty() { vec![(group, None, None)] } else { rows }
}
