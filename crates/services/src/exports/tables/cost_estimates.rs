//! What groups of WorkSpaces cost in a month by our own reckoning: a row for each currency of a group.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::money::{Currency, Money};
use domain::usage::Month;
use rust_decimal::Decimal;
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

/// A group in one of its currencies; in none where it has no estimate in either month.
#[derive(Debug)]
pub struct InCurrency {
    group: EstimatedGroup,
    currency: Option<Currency>,
    estimate: Option<Money>,
    /// What it is for each active user.
    share: Option<Money>,
    /// What it was in the month before, by as many days.
    before: Option<Money>,
    /// By how much it is more than that.
    difference: Option<Money>,
}

impl InCurrency {
    /// The difference as a share of what was before, in percent to a tenth; `None` where there was nothing before.
    fn percent(&self) -> Option<Decimal> {
        let share = self.difference?.amount.checked_div(self.before?.amount)?;
        Some(share.checked_mul(100.into())?.round_dp(1).normalize())
    }
}

#[async_trait]
impl List for CostEstimateTable {
    type Item = InCurrency;
    const NAME: &'static str = "cost-estimates";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { InCurrency as row =>
        Column::text("key") => Cell::text(&row.group.key),
        Column::text("label") => Cell::text(&row.group.label),
        Column::number("workspaces") => Cell::number(row.group.workspaces),
        Column::number("not_reckoned") => Cell::number(row.group.not_reckoned),
        Column::number("hours_unknown") => Cell::number(row.group.hours_unknown),
        Column::number("active_users") => Cell::number(row.group.active_users),
        Column::number("estimate") => Cell::maybe_number(row.estimate.map(|sum| sum.amount.normalize())),
        Column::number("per_active_user") => Cell::maybe_number(row.share.map(|sum| sum.amount.normalize())),
        Column::text("currency") => Cell::maybe(row.currency),
        Column::day("before_through") => Cell::Day(row.group.before.through),
        Column::number("before_workspaces") => Cell::number(row.group.before.workspaces),
        Column::number("before_hours_unknown") => Cell::number(row.group.before.hours_unknown),
        Column::number("before") => Cell::maybe_number(row.before.map(|sum| sum.amount.normalize())),
        Column::number("difference") => Cell::maybe_number(row.difference.map(|sum| sum.amount.normalize())),
        Column::number("difference_percent") => Cell::maybe_number(row.percent()),
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
    let of = |sums: &[Money], currency: Currency| sums.iter().find(|sum| sum.currency == currency).copied();
    let both = group.estimates.iter().chain(&group.before.estimates);
    let currencies: BTreeSet<Currency> = both.map(|sum| sum.currency).collect();
    let row = |currency: Currency| InCurrency {
        group: group.clone(),
        currency: Some(currency),
        estimate: of(&group.estimates, currency),
        share: of(&shares, currency),
        before: of(&group.before.estimates, currency),
        difference: of(&group.differences, currency),
    };
    let rows: Vec<_> = currencies.into_iter().map(row).collect();
    if rows.is_empty() {
        return vec![InCurrency { group, currency: None, estimate: None, share: None, before: None, difference: None }];
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::EstimatedBefore;

    fn money(amount: i64, currency: &str) -> Money {
        Money::new(amount.into(), currency.parse().unwrap())
    }

    #[test]
    fn a_group_has_a_row_for_each_currency_of_either_month() {
        let before =
            EstimatedBefore { estimates: vec![money(8, "EUR"), money(3, "USD")], ..EstimatedBefore::default() };
        let differences = vec![money(-8, "EUR"), money(1, "USD")];
        let group =
            EstimatedGroup { estimates: vec![money(4, "USD")], before, differences, ..EstimatedGroup::default() };
        let told = |row: &InCurrency| {
            let number = |money: Option<Money>| money.map(|money| money.amount.to_string());
            [number(row.estimate), number(row.before), number(row.difference), row.percent().map(|p| p.to_string())]
        };
        let rows: Vec<_> = by_currency(group).iter().map(told).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(rows[0], [None, some("8"), some("-8"), some("-100")]);
        assert_eq!(rows[1], [some("4"), some("3"), some("1"), some("33.3")]);
        let none = by_currency(EstimatedGroup::default());
        assert_eq!((none.len(), told(&none[0])), (1, [None, None, None, None]));
    }
}
