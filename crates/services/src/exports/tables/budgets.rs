//! The budgets by name, with how each stands in the running month.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::AccountId;
use serde_json::{Value, json};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::budgets::{BudgetReach, BudgetState, list_budgets};
use crate::{Context, Page, PageRequest};

/// The budgets.
#[derive(Debug, Clone, Copy, Default)]
pub struct BudgetTable;

#[async_trait]
impl List for BudgetTable {
    type Item = BudgetState;
    const NAME: &'static str = "budgets";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { BudgetState as state =>
        Column::text("id") => Cell::text(state.budget.id),
        Column::text("name") => Cell::text(&state.budget.name),
        Column::text("reach") => Cell::text(reach(&state.budget.reach)),
        Column::text("account_id") => Cell::maybe(account(&state.budget.reach)),
        Column::text("account") => Cell::maybe(state.account_name.as_deref()),
        Column::text("region") => Cell::maybe(region(&state.budget.reach)),
        Column::text("tag_key") => Cell::maybe(tag(&state.budget.reach).map(|(key, _)| key)),
        Column::text("tag_value") => Cell::maybe(tag(&state.budget.reach).map(|(_, value)| value)),
        Column::number("amount") => Cell::number(state.budget.amount.amount.normalize()),
        Column::text("currency") => Cell::text(state.budget.amount.currency),
        Column::json("thresholds") => Cell::Json(json!(state.budget.thresholds)),
        Column::text("month") => Cell::text(state.month),
        Column::number("spent") => Cell::number(state.spent.amount.normalize()),
        Column::flag("estimated") => Cell::Flag(state.estimated),
        Column::number("percent").in_unit("percent") => Cell::number(state.percent().normalize()),
        Column::number("forecast") => Cell::maybe_number(state.forecast.map(|sum| sum.amount.normalize())),
        Column::json("crossed") => Cell::Json(crossed(&state)),
        Column::time("created_at") => Cell::Time(state.budget.created_at),
        Column::time("updated_at") => Cell::Time(state.budget.updated_at),
    }

    fn said(&self) -> Entry {
        Entry::new("budget.export", Permission::CostRead)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<BudgetState>, ExportError> {
        Ok(list_budgets(ctx, actor, page).await?)
    }
}

fn reach(reach: &BudgetReach) -> &'static str {
    match reach {
        BudgetReach::Everything => "everything",
        BudgetReach::Account(_) => "account",
        BudgetReach::Region(_) => "region",
        BudgetReach::Tag { .. } => "tag",
    }
}

fn account(reach: &BudgetReach) -> Option<AccountId> {
    if let BudgetReach::Account(id) = reach { Some(*id) } else { None }
}

fn region(reach: &BudgetReach) -> Option<&str> {
    if let BudgetReach::Region(region) = reach { Some(region.as_str()) } else { None }
}

fn tag(reach: &BudgetReach) -> Option<(&str, &str)> {
    if let BudgetReach::Tag { key, value } = reach { Some((key.as_str(), value.as_str())) } else { None }
}

fn crossed(state: &BudgetState) -> Value {
    state.crossed.iter().map(|(threshold, at)| json!({ "threshold": threshold, "at": at })).collect()
}
