//! Why the bill of an account's month is another than our estimate: each part of the difference, by usage type. They add up to it.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cost::reconcile::{Reason, UsageKey};
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
    type Item = (Reason, UsageKey, Money);
    const NAME: &'static str = "reconciliation";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { (Reason, UsageKey, Money) as (reason, key, amount) =>
        Column::text("reason") => Cell::text(reason),
        Column::text("region") => Cell::Text(key.region),
        Column::text("usage_type") => Cell::Text(key.usage_type),
        Column::number("amount") => Cell::number(amount.amount.normalize()),
        Column::text("currency") => Cell::text(amount.currency),
    }

    fn said(&self) -> Entry {
        let said = json!({ "account": self.account, "month": self.month });
        Entry::new("reconciliation.export", Permission::CostRead).after(said)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let found = reconcile_month(ctx, actor, self.account, self.month).await?;
        let parts = found.ok_or(ExportError::NotFound("account"))?.currencies.into_iter().flat_map(|one| one.parts);
        let lines = parts.flat_map(|part| part.lines.into_iter().map(move |(key, amount)| (part.reason, key, amount)));
        Ok(whole(lines.collect()))
    }
}
