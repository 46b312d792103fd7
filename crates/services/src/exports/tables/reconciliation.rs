//! Why the bill of an account's month is another than our estimate: each usage type once for each reason for which its sides differ,
//! and once where they don't. The sides are in the first of these rows, so that each column adds up.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cost::reconcile::{ComparedLine, Reason};
use domain::ids::AccountId;
use domain::money::Money;
use domain::usage::Month;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::cost::reconcile_month;
use crate::{Context, Page, PageRequest};

/// A month of an account.
#[derive(Debug, Clone)]
pub struct ReconciliationTable {
    /// The account.
    pub account: AccountId,
    /// The month.
    pub month: Month,
}

#[async_trait]
impl List for ReconciliationTable {
    /// A line, a reason for which its sides differ, and by how much for that.
    type Item = (ComparedLine, Option<Reason>, Money);
    const NAME: &'static str = "reconciliation";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { (ComparedLine, Option<Reason>, Money) as (line, reason, amount) =>
        Column::text("reason") => Cell::maybe(reason),
        Column::text("region") => Cell::text(&line.key.region),
        Column::text("usage_type") => Cell::text(&line.key.usage_type),
        Column::number("amount") => Cell::number(amount.amount.normalize()),
        Column::text("currency") => Cell::text(amount.currency),
        Column::number("billed") => Cell::maybe_number(line.billed.map(|billed| billed.amount.normalize())),
        Column::number("estimated") => Cell::maybe_number(line.estimated.map(|estimated| estimated.amount.normalize())),
        Column::text("unit") => Cell::maybe(line.key.unit()),
        Column::number("billed_quantity") => Cell::maybe_number(line.billed_quantity.map(|quantity| quantity.normalize())),
        Column::number("estimated_quantity") => Cell::maybe_number(line.estimated_quantity.map(|quantity| quantity.normalize())),
        Column::number("billed_price") => Cell::maybe_number(line.billed_price.map(|price| price.amount.normalize())),
        Column::number("list_price") => Cell::maybe_number(line.list_price.map(|price| price.amount.normalize())),
    }

    fn said(&self) -> Entry {
        let said = json!({ "account": self.account, "month": self.month });
        Entry::new("reconciliation.export", Permission::CostRead).after(said)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let found = reconcile_month(ctx, actor, self.account, self.month).await?;
        let lines = found.ok_or(ExportError::NotFound("account"))?.currencies.into_iter().flat_map(|one| one.lines);
        Ok(whole(lines.flat_map(rows).collect()))
    }
}

/// A line once for each of its reasons, or once without one; both sides in the first row only.
fn rows(line: ComparedLine) -> Vec<(ComparedLine, Option<Reason>, Money)> {
    if line.reasons.is_empty() {
        let difference = line.difference;
        return vec![(line, None, difference)];
    }
    let again =
        ComparedLine { billed: None, estimated: None, billed_quantity: None, estimated_quantity: None, ..line.clone() };
    let reasons = line.reasons.clone().into_iter().enumerate();
    reasons.map(|(at, (reason, amount))| (if at == 0 { &line } else { &again }.clone(), Some(reason), amount)).collect()
}
