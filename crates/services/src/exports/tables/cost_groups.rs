//! What was billed over some days, by group.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::cost::{CostBy, CostQuestion, CostSum, list_cost_groups};
use crate::{Context, Page, PageRequest};

/// The groups of some days.
#[derive(Debug, Clone)]
pub struct CostGroupTable {
    /// Of which accounts and regions, over which days.
    pub asked: CostQuestion,
    /// What they are told apart by.
    pub by: CostBy,
    /// What that is called.
    pub called: String,
}

#[async_trait]
impl List for CostGroupTable {
    type Item = CostSum;
    const NAME: &'static str = "cost-groups";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { CostSum as sum =>
        Column::text("key") => Cell::Text(sum.key),
        Column::number("amount") => Cell::number(sum.amount.amount.normalize()),
        Column::text("currency") => Cell::text(sum.amount.currency),
        Column::flag("estimated") => Cell::Flag(sum.estimated),
    }

    fn said(&self) -> Entry {
        let CostQuestion { accounts, regions, from, to } = &self.asked;
        let said = json!({ "from": from, "to": to, "accounts": accounts, "regions": regions, "by": self.called });
        Entry::new("cost-group.export", Permission::CostRead).after(said)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<CostSum>, ExportError> {
        Ok(list_cost_groups(ctx, actor, &self.asked, &self.by, page).await?)
    }
}
