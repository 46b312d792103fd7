//! Our estimate of a month against AWS's bills, of every account: a row for each currency of an account.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::usage::Month;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::cost::{ReconciledAccount, ReconciledSum, reconcile_accounts};
use crate::{Context, Page, PageRequest};

/// A month of every account.
#[derive(Debug, Clone)]
pub struct ReconciledAccountTable {
    /// The month.
    pub month: Month,
}

/// An account in one of its currencies; without one where nothing was compared.
type InCurrency = (ReconciledAccount, Option<ReconciledSum>);

#[async_trait]
impl List for ReconciledAccountTable {
    type Item = InCurrency;
    const NAME: &'static str = "reconciliation-accounts";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { InCurrency as (account, sum) =>
        Column::text("account_id") => Cell::text(account.account_id),
        Column::text("account") => Cell::Text(account.account_name),
        Column::day("through") => account.through.map_or(Cell::Empty, Cell::Day),
        Column::number("billed") => Cell::maybe_number(sum.map(|sum| sum.billed.amount.normalize())),
        Column::number("estimated") => Cell::maybe_number(sum.map(|sum| sum.estimated.amount.normalize())),
        Column::number("difference") => Cell::maybe_number(sum.map(|sum| sum.difference.amount.normalize())),
        Column::text("currency") => Cell::maybe(sum.map(|sum| sum.billed.currency)),
        Column::number("reckoned") => Cell::number(account.counts.reckoned),
        Column::number("not_reckoned") => Cell::number(account.counts.not_reckoned()),
    }

    fn said(&self) -> Entry {
        Entry::new("reconciliation-account.export", Permission::CostRead).after(json!({ "month": self.month }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<InCurrency>, ExportError> {
        let found = reconcile_accounts(ctx, actor, self.month).await?;
        Ok(whole(found.accounts.into_iter().flat_map(by_currency).collect()))
    }
}

fn by_currency(account: ReconciledAccount) -> Vec<InCurrency> {
    let rows: Vec<_> = account.sums.iter().map(|sum| (account.clone(), Some(*sum))).collect();
    if rows.is_empty() { vec![(account, None)] } else { rows }
}
