//! What was billed, by account, day, region and usage type.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use rust_decimal::Decimal;
use serde_json::json;
use store::repo::costs::CostFilter;
use store::repo::exports::{CostRow, cost_count, cost_page};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;
use crate::cost::{CostQuestion, billed_accounts};

/// Decimals of what is kept as 1e-10.
const DECIMALS: u32 = 10;

const COLUMNS: &[Column] = &[
    Column::text("account_id"),
    Column::text("account_name"),
    Column::day("day"),
    Column::text("region"),
    Column::text("usage_type"),
    Column::number("amount"),
    Column::text("currency"),
    Column::number("quantity"),
    Column::text("unit"),
    Column::flag("estimated"),
];

/// The costs of some days.
#[derive(Debug, Clone)]
pub struct CostTable {
    /// Of which accounts and regions, from which day to which; the last is not in it.
    pub asked: CostQuestion,
}

#[async_trait]
impl Table for CostTable {
    fn name(&self) -> &'static str {
        "costs"
    }

    fn permission(&self) -> Permission {
        Permission::CostRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        let CostQuestion { accounts, regions, from, to } = &self.asked;
        let said = json!({ "from": from, "to": to, "accounts": accounts, "regions": regions });
        Entry::new("cost.export", Permission::CostRead).after(said)
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let (scope, filter) = (actor.scope(Permission::CostRead), self.filter(ctx, actor).await?);
        let page = cost_page(&ctx.db, &scope, &filter, cursor.as_deref(), PORTION).await?;
        Ok(Rows { rows: page.rows.into_iter().map(cells).collect(), next: page.next })
    }

    async fn count(&self, ctx: &Context, actor: &Actor) -> Result<Option<u64>, ExportError> {
        let (scope, filter) = (actor.scope(Permission::CostRead), self.filter(ctx, actor).await?);
        Ok(Some(cost_count(&ctx.db, &scope, &filter).await?))
    }
}

impl CostTable {
    /// What is asked, of the accounts whose costs the actor may see.
    async fn filter(&self, ctx: &Context, actor: &Actor) -> Result<CostFilter, ExportError> {
        let asked = &self.asked;
        let billed = billed_accounts(ctx, actor).await?.into_iter().map(|account| account.id);
        let account_ids = billed.filter(|id| asked.accounts.is_empty() || asked.accounts.contains(id)).collect();
        Ok(CostFilter { account_ids, regions: asked.regions.clone(), from: asked.from, to: asked.to })
    }
}

fn cells(row: CostRow) -> Row {
    vec![
        Cell::text(row.account_id),
        Cell::Text(row.account_name),
        Cell::Day(row.day),
        Cell::Text(row.region),
        Cell::Text(row.usage_type),
        Cell::number(row.amount.amount.normalize()),
        Cell::text(row.amount.currency),
        Cell::number(Decimal::new(row.quantity_e10, DECIMALS).normalize()),
        Cell::Text(row.unit),
        Cell::Flag(row.estimated),
    ]
}
