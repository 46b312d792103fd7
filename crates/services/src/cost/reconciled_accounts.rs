//! Our estimate of a month against AWS's bills, of every account: what each comes to, and all of them. Each is compared as
//! [`super::reconciliation`] compares it alone, with the estimate that is kept of it ([`super::kept`]): asking for all reckons only what is
//! not kept yet, few accounts at a time.
//!
//! An account is compared up to its own last settled day, so that accounts may be compared over different days.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::access::{Actor, Permission};
use domain::cost::reconcile::Reconciliation;
use domain::ids::AccountId;
use domain::money::{Currency, Money, MoneyError};
use domain::usage::Month;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use store::repo::accounts::account_list;

use super::error::CostError;
use super::reconciliation::{ReckonedCounts, compare};
use crate::Context;

/// Accounts that are compared at the same time. Each takes up to two connections to the database, and an estimate in memory.
const AT_ONCE: usize = 2;

/// A month of every account, ours against AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciledAccounts {
    /// The month.
    pub month: Month,
    /// The accounts, by name.
    pub accounts: Vec<ReconciledAccount>,
    /// What they come to in all: a sum for each currency.
    pub totals: Vec<ReconciledSum>,
}

/// What an account's month comes to, ours against AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciledAccount {
    /// The account.
    pub account_id: AccountId,
    /// Its name.
    pub account_name: String,
    /// The last day that was compared; `None` when no day of the month is settled, and nothing was.
    pub through: Option<NaiveDate>,
    /// A sum for each currency.
    pub sums: Vec<ReconciledSum>,
    /// How many WorkSpaces were reckoned how.
    pub counts: ReckonedCounts,
}

/// Both sides in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReconciledSum {
    /// What was billed.
    pub billed: Money,
    /// What was reckoned.
    pub estimated: Money,
    /// The first less the second.
    pub difference: Money,
}

impl ReconciledSum {
    fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { billed: zero, estimated: zero, difference: zero }
    }

    fn of(one: &Reconciliation) -> Self {
        Self { billed: one.billed, estimated: one.estimated, difference: one.difference }
    }

    fn checked_add(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(Self {
            billed: self.billed.checked_add(&other.billed)?,
            estimated: self.estimated.checked_add(&other.estimated)?,
            difference: self.difference.checked_add(&other.difference)?,
        })
    }
}

/// Compares a month of each account whose costs the actor may read.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn reconcile_accounts(ctx: &Context, actor: &Actor, month: Month) -> Result<ReconciledAccounts, CostError> {
    actor.require(Permission::CostRead)?;
    let scope = actor.scope(Permission::CostRead);
    let mut readable = account_list(&ctx.db, &scope).await?;
    // A bill is of a whole account.
    readable.retain(|account| scope.reaches_account(account.id));
    let comparisons = readable.into_iter().map(|account| compare(ctx, account, month));
    let compared: Vec<_> = stream::iter(comparisons).buffered(AT_ONCE).try_collect().await?;
    let (mut accounts, mut totals) = (Vec::new(), BTreeMap::<Currency, ReconciledSum>::new());
    for found in compared {
        let sums: Vec<_> = found.currencies.iter().map(ReconciledSum::of).collect();
        for sum in &sums {
            let currency = sum.billed.currency;
            let total = totals.entry(currency).or_insert_with(|| ReconciledSum::zero(currency));
            *total = total.checked_add(sum)?;
        }
        accounts.push(ReconciledAccount {
            account_id: found.account_id,
            account_name: found.account_name,
            through: found.through,
            sums,
            counts: found.counts,
        });
    }
    Ok(ReconciledAccounts { month, accounts, totals: totals.into_values().collect() })
}
