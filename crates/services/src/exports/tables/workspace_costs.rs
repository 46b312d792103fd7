//! What each WorkSpace costs in a month by our own reckoning, as the list of costs shows it.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cost::Charge;
use domain::money::Money;
use domain::usage::Month;
use serde_json::{Value, json};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::usage::looked_for;
use crate::cost::{ChargeEstimate, ReckonedAs, WorkspaceEstimate, list_workspace_costs};
use crate::workspaces::{SortDirection, WorkspaceFilter, WorkspaceListRequest, WorkspaceSort};
use crate::{Context, Page, PageRequest};

/// What the WorkSpaces that a filter leaves cost in a month.
#[derive(Debug, Clone)]
pub struct WorkspaceCostTable {
    /// The month.
    pub month: Month,
    /// What it is narrowed to.
    pub filter: WorkspaceFilter,
    /// Only those that the comparison with the bill counts so.
    pub counted: Option<ReckonedAs>,
    /// What it is sorted by.
    pub sort: WorkspaceSort,
    /// Which end comes first.
    pub direction: SortDirection,
}

#[async_trait]
impl List for WorkspaceCostTable {
    /// With the sum of its charges.
    type Item = (WorkspaceEstimate, Option<Money>);
    const NAME: &'static str = "workspace-costs";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { (WorkspaceEstimate, Option<Money>) as (one, total) =>
        Column::text("id") => Cell::text(one.workspace.id),
        Column::text("aws_id") => Cell::Text(one.workspace.aws_id),
        Column::text("user_name") => Cell::Text(one.workspace.user_name),
        Column::text("account") => Cell::Text(one.workspace.account_name),
        Column::text("region") => Cell::text(one.workspace.region),
        Column::text("running_mode") => Cell::maybe(one.workspace.running_mode),
        Column::text("compute_type") => Cell::maybe(one.workspace.compute_type),
        Column::number("hours").in_unit("hours") => Cell::maybe_number(one.hours),
        Column::flag("hours_known") => Cell::Flag(one.hours_known),
        Column::flag("uncertain") => Cell::Flag(one.uncertain),
        Column::number("total") => Cell::maybe_number(total.map(|total| total.amount.normalize())),
        Column::text("currency") => Cell::maybe(total.map(|total| total.currency)),
        Column::text("not_reckoned") => Cell::maybe(one.charges.as_ref().err().map(|why| why.as_str())),
        Column::json("charges") => Cell::Json(one.charges.iter().flatten().map(charge).collect()),
    }

    fn said(&self) -> Entry {
        let WorkspaceFilter { accounts, regions, .. } = &self.filter;
        let reckoned = self.counted.map(ReckonedAs::as_str);
        let said = json!({ "month": self.month, "accounts": accounts, "regions": regions, "reckoned": reckoned });
        looked_for(Entry::new("workspace-cost.export", Permission::CostRead).after(said), &self.filter)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let request = WorkspaceListRequest {
            filter: self.filter.clone(),
            sort: self.sort,
            direction: self.direction,
            limit: page.limit,
            cursor: page.cursor,
            offset: 0,
        };
        let page = list_workspace_costs(ctx, actor, &request, self.month, self.counted).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for one in page.items {
            let total = one.total()?;
            items.push((one, total));
        }
        Ok(Page { items, next_cursor: page.next_cursor, total: page.total })
    }
}

fn charge(charge: &ChargeEstimate) -> Value {
    json!({
        "charge": charge.charge.map_or("volume", Charge::as_str),
        "usage_type": &*charge.usage_type,
        "quantity": charge.quantity.normalize().to_string(),
        "amount": charge.amount.amount.normalize().to_string(),
        "currency": charge.amount.currency.to_string(),
    })
}
