//! What could have been saved in a month that is over: by another running mode, or by removing what nobody used.
//!
//! A WorkSpace's hours are those that AWS bills (`domain::usage::billable`), reckoned with its own time-out, for ALWAYS_ON with
//! AWS's usual hour; its prices are those of the Price List for its hardware, system and volumes. The mode that would have cost
//! less is `domain::cost::PricePlan`'s. What can't be told is counted, not guessed: WorkSpaces whose usage is not known for
//! the whole month, and those without a price (volumes of other sizes than the bundles', systems without a list price).
//!
//! Not seen: that a WorkSpace was made, changed or stopped by hand within the month.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use domain::access::{Actor, Permission};
use domain::audit;
use domain::cost::{BillingMode, PricePlan};
use domain::money::{Currency, Money};
use domain::usage::{ConnectedInterval, Month, billable::billable_hours};
use serde_json::json;
use store::repo::usage::{usage_intervals_many, usage_known_ids};
use store::repo::workspaces::{WorkspaceQuery, WorkspaceRecord, workspace_list};

use super::error::CostError;
use super::prices::PriceBooks;
use crate::Context;
use crate::audit::note_read;
use crate::count;
use crate::workspaces::WorkspaceFilter;
use crate::workspaces::service::resolve;

/// WorkSpaces read at a time.
const PORTION: u32 = 1000;
/// Sessions that began so long before the month still have hours in it.
pub(super) const BEFORE: TimeDelta = TimeDelta::days(3);
/// The time-out that an ALWAYS_ON WorkSpace is reckoned with, minutes: AWS's usual one.
const TIMEOUT: u32 = 60;

/// What could be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Advice {
    /// Nobody was connected: remove it.
    Remove,
    /// Run it as AUTO_STOP.
    AutoStop,
    /// Run it as ALWAYS_ON.
    AlwaysOn,
}

impl Advice {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::AutoStop => "auto-stop",
            Self::AlwaysOn => "always-on",
        }
    }
}

/// What could have been saved on one WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The WorkSpace.
    pub workspace: WorkspaceRecord,
    /// What could be done.
    pub advice: Advice,
    /// The hours of the month, as AWS bills them for AUTO_STOP.
    pub hours: u64,
    /// By how much less the month would have cost; more than nothing.
    pub saving: Money,
}

/// What could have been saved in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Savings {
    /// WorkSpaces that could be looked at.
    pub looked_at: u64,
    /// Those whose usage is not known for the whole month.
    pub unread: u64,
    /// Those without a price.
    pub unpriced: u64,
    /// The findings, by currency, the largest saving first.
    pub findings: Vec<Finding>,
}

impl Savings {
    /// What the findings of an advice come to, with how many they are, by currency.
    ///
    /// # Errors
    /// [`CostError::Money`].
    pub fn sums(&self, advice: Advice) -> Result<Vec<(u64, Money)>, CostError> {
        let mut sums = BTreeMap::<Currency, (u64, Money)>::new();
        for one in self.findings.iter().filter(|one| one.advice == advice) {
            let currency = one.saving.currency;
            let (count, sum) = sums.entry(currency).or_insert((0, Money::zero(currency)));
            *count += 1;
            *sum = sum.checked_add(&one.saving)?;
        }
        Ok(sums.into_values().collect())
    }
}

/// What could have been saved in that month on the WorkSpaces that are there. They are those whose usage the actor may read in
/// accounts whose costs they may read.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn find_savings(
    ctx: &Context,
    actor: &Actor,
    filter: &WorkspaceFilter,
    month: Month,
) -> Result<Savings, CostError> {
    actor.require(Permission::CostRead)?;
    actor.require(Permission::UsageRead)?;
    let (scope, billed) = (actor.scope(Permission::UsageRead), actor.scope(Permission::CostRead));
    let filter = resolve(ctx, actor, &scope, filter).await.map_err(store_error)?;
    let known: HashSet<_> =
        usage_known_ids(&ctx.db, &scope, &filter, month.start(), month.end()).await?.into_iter().collect();
    let (mut savings, mut books) = (Savings::default(), PriceBooks::default());
    let mut query = WorkspaceQuery { filter, limit: PORTION, ..WorkspaceQuery::default() };
    loop {
        let page = workspace_list(&ctx.db, &scope, &query).await?;
        let reached: Vec<_> = page.rows.into_iter().filter(|one| billed.reaches_account(one.account_id)).collect();
        let (read, unread): (Vec<_>, Vec<_>) = reached.into_iter().partition(|one| known.contains(&one.id));
        savings.unread += count(unread.len());
        let ids: Vec<_> = read.iter().map(|one| one.id).collect();
        let mut connected = usage_intervals_many(&ctx.db, &ids, month.start() - BEFORE, month.end()).await?;
        for workspace in read {
            let book = books.of(ctx, workspace.account_id, &workspace.region).await?;
            let Some(plan) = book.plan(&workspace) else {
                savings.unpriced += 1;
                continue;
            };
            savings.looked_at += 1;
            let pieces = connected.remove(&workspace.id).unwrap_or_default();
            savings.findings.extend(finding(workspace, &plan, &pieces, month)?);
        }
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    savings.findings.sort_by(|a, b| {
        let order = a.saving.currency.cmp(&b.saving.currency);
        order.then_with(|| b.saving.amount.cmp(&a.saving.amount)).then_with(|| a.workspace.id.cmp(&b.workspace.id))
    });
    let entry = audit::Entry::new("cost.savings", Permission::CostRead).after(json!({ "month": month }));
    note_read(ctx, actor, entry).await?;
    Ok(savings)
}

pub(super) fn store_error(error: crate::workspaces::WorkspaceError) -> CostError {
    match error {
        crate::workspaces::WorkspaceError::Forbidden(forbidden) => CostError::Forbidden(forbidden),
        crate::workspaces::WorkspaceError::Store(error) => CostError::Store(error),
    }
}

/// What could have been saved on one WorkSpace; `None` when nothing could.
///
/// # Errors
/// [`CostError::Money`].
pub fn finding(
    workspace: WorkspaceRecord,
    plan: &PricePlan,
    connected: &[ConnectedInterval],
    month: Month,
) -> Result<Option<Finding>, CostError> {
    let Some(found) = compare(&workspace, plan, connected, month)? else { return Ok(None) };
    let hours = found.hours;
    Ok(found.advice()?.map(|(advice, saving)| Finding { workspace, advice, hours, saving }))
}

/// A month of one WorkSpace in either mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The mode in which it is.
    pub mode: BillingMode,
    /// The hours of the month, as AWS bills them for AUTO_STOP.
    pub hours: u64,
    /// Whether nobody was connected in it.
    pub unused: bool,
    /// What it costs as ALWAYS_ON.
    pub always_on: Money,
    /// What it costs as AUTO_STOP.
    pub auto_stop: Money,
    /// The mode in which it costs less.
    pub cheaper: BillingMode,
}

impl Compared {
    /// What could be done, and by how much less the month would have cost; nothing where that is nothing.
    ///
    /// # Errors
    /// [`CostError::Money`].
    pub fn advice(&self) -> Result<Option<(Advice, Money)>, CostError> {
        let now = match self.mode {
            BillingMode::Monthly => self.always_on,
            BillingMode::Hourly => self.auto_stop,
        };
        let (advice, then) = match (self.mode, self.cheaper) {
            _ if self.unused => (Advice::Remove, Money::zero(now.currency)),
            (BillingMode::Monthly, BillingMode::Hourly) => (Advice::AutoStop, self.auto_stop),
            (BillingMode::Hourly, BillingMode::Monthly) => (Advice::AlwaysOn, self.always_on),
            _ => return Ok(None),
        };
        let saving = now.checked_sub(&then)?;
        Ok((saving.amount > rust_decimal::Decimal::ZERO).then_some((advice, saving)))
    }
}

/// A month of one WorkSpace in either mode; `None` for one that is not billed by list prices.
///
/// # Errors
/// [`CostError::Money`].
pub fn compare(
    workspace: &WorkspaceRecord,
    plan: &PricePlan,
    connected: &[ConnectedInterval],
    month: Month,
) -> Result<Option<Compared>, CostError> {
    let Some(mode) = workspace.running_mode.as_ref().and_then(BillingMode::of) else { return Ok(None) };
    let timeout = match mode {
        BillingMode::Hourly => workspace.auto_stop_timeout_minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        BillingMode::Monthly => None,
    };
    let (from, to) = (month.start().timestamp(), month.end().timestamp());
    let hours = billable_hours(connected, timeout.unwrap_or(TIMEOUT), from, to);
    Ok(Some(Compared {
        mode,
        hours,
        unused: !connected.iter().any(|piece| piece.end > from && piece.start < to),
        always_on: plan.monthly(),
        auto_stop: plan.auto_stop_cost(hours)?,
        cheaper: plan.cheaper(hours)?,
    }))
}
