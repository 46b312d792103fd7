//! What each WorkSpace costs in a month by our own reckoning: its prices, its mode and the changes of it, its hours.
//!
//! When it was made, removed or changed is taken from CloudTrail; where that does not say, from when it was first seen or missed,
//! which is told. A running mode without a list price (MANUAL, which is WorkSpaces Core) and kinds without a price are not
//! guessed. What a month's bill is made of is `domain::cost::proration`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::cost::proration::{ChargeCost, Spread, WorkspaceMonth, estimate_before};
use domain::cost::{BillingMode, Charge, ModeChange, PricePlan};
use domain::ids::WorkspaceId;
use domain::money::Money;
use domain::usage::{ConnectedInterval, Month};
use domain::workspace::RunningMode;
use futures::try_join;
use rust_decimal::Decimal;
use store::repo::costs::{BillingEvent, billing_events, usage_known_of};
use store::repo::usage::usage_intervals_many;
use store::repo::workspaces::WorkspaceRecord;

use super::error::CostError;
use super::prices::{ExtraVolume, PriceBooks, Quote};
use crate::Context;

/// Sessions that began so long before the month still have hours in it.
const BEFORE: TimeDelta = TimeDelta::days(3);
/// AWS's usual time-out, minutes.
const TIMEOUT: u32 = 60;

/// Of which days a month is reckoned, and how what is paid by the month is laid on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Frame {
    pub(super) month: Month,
    /// The day after the last.
    pub(super) to: NaiveDate,
    pub(super) spread: Spread,
    /// Up to when usage must be known for hours to count as known.
    pub(super) known_to: DateTime<Utc>,
    /// From when on the account was read: what was seen since is new.
    pub(super) watched_from: DateTime<Utc>,
}

impl Frame {
    /// The first moment behind it.
    pub(super) fn end(&self) -> DateTime<Utc> {
        day_start(self.to)
    }
}

/// 00:00 UTC.
pub(super) fn day_start(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// One charge of a WorkSpace in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeEstimate {
    /// What it is billed as; empty where the Price List does not say.
    pub usage_type: Arc<str>,
    /// For what; `None` for volumes beyond those of the bundle.
    pub charge: Option<Charge>,
    /// Months, hours or gigabyte-months.
    pub quantity: Decimal,
    /// How much.
    pub amount: Money,
}

/// Why a WorkSpace could not be reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReckoned {
    /// The Price List has no price for its kind.
    NoPrice,
    /// It runs in a mode that is not billed by list prices.
    OtherMode,
}

impl NotReckoned {
    /// As it is written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPrice => "no_price",
            Self::OtherMode => "other_mode",
        }
    }
}

/// What a WorkSpace costs in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceEstimate {
    /// The WorkSpace.
    pub workspace: WorkspaceRecord,
    /// Its charges, or why there are none.
    pub charges: Result<Vec<ChargeEstimate>, NotReckoned>,
    /// Hours as AWS bills them; `None` where it is not billed by the hour.
    pub hours: Option<u64>,
    /// Whether its hours are known for the whole time.
    pub hours_known: bool,
    /// Whether it came, went or was changed at a time that is not known exactly.
    pub uncertain: bool,
}

impl WorkspaceEstimate {
    /// The sum of its charges; `None` when it could not be reckoned.
    ///
    /// # Errors
    /// [`CostError::Money`].
    pub fn total(&self) -> Result<Option<Money>, CostError> {
        sum(self.charges.as_deref().unwrap_or_default())
    }
}

/// What charges come to; `None` where there are none.
pub(super) fn sum(charges: &[ChargeEstimate]) -> Result<Option<Money>, CostError> {
    let Some(first) = charges.first() else { return Ok(None) };
    Ok(Some(Money::sum(charges.iter().map(|one| &one.amount), first.amount.currency)?))
}

/// Reckons WorkSpaces, at most a thousand of them. Those that were not there in that time are left out.
pub(super) async fn estimate_workspaces(
    ctx: &Context,
    books: &mut PriceBooks,
    workspaces: Vec<WorkspaceRecord>,
    frame: &Frame,
) -> Result<Vec<WorkspaceEstimate>, CostError> {
    let ids: Vec<_> = workspaces.iter().map(|one| one.id).collect();
    let start = frame.month.start();
    let (events, known) =
        try_join!(billing_events(&ctx.db, &ids, start), usage_known_of(&ctx.db, &ids, start, frame.known_to))?;
    let known: HashSet<_> = known.into_iter().collect();
    let mut events_of = HashMap::<WorkspaceId, Vec<BillingEvent>>::new();
    for event in events {
        events_of.entry(event.workspace_id).or_default().push(event);
    }
    let lives = workspaces.into_iter().filter_map(|workspace| {
        let life = Life::of(&workspace, &events_of.remove(&workspace.id).unwrap_or_default(), frame);
        let (created, deleted) = (life.created_at.unwrap_or(start), life.deleted_at.unwrap_or(frame.end()));
        (created < frame.end() && deleted > start && created < deleted).then_some((workspace, life))
    });
    let lives: Vec<_> = lives.collect();
    // Most of what is read: only for those that are billed by it.
    let by_hour: Vec<_> = lives.iter().filter(|(one, life)| life.has_hours(one)).map(|(one, _)| one.id).collect();
    let mut connected = usage_intervals_many(&ctx.db, &by_hour, start - BEFORE, frame.end()).await?;
    let mut found = Vec::with_capacity(lives.len());
    for (workspace, life) in lives {
        let pieces = connected.remove(&workspace.id).unwrap_or_default();
        let hours_known = known.contains(&workspace.id);
        let quote = books.quote(ctx, &workspace).await?;
        found.push(one(workspace, quote, &life, &pieces, hours_known, frame)?);
    }
    Ok(found)
}

fn one(
    workspace: WorkspaceRecord,
    quote: Option<&Quote>,
    life: &Life,
    pieces: &[ConnectedInterval],
    hours_known: bool,
    frame: &Frame,
) -> Result<WorkspaceEstimate, CostError> {
    let now = workspace.running_mode.as_ref().and_then(BillingMode::of);
    let timeout = workspace.auto_stop_timeout_minutes.and_then(|minutes| u32::try_from(minutes).ok());
    let (charges, hours) = match (now, quote) {
        (None, _) => (Err(NotReckoned::OtherMode), None),
        (_, None) => (Err(NotReckoned::NoPrice), None),
        (Some(now), Some(quote)) => {
            let mode = life.mode_before(now);
            let month = WorkspaceMonth {
                month: frame.month,
                created_at: life.created_at,
                deleted_at: life.deleted_at,
                mode,
                changes: &life.changes,
                intervals: pieces,
                timeout_minutes: timeout.unwrap_or(TIMEOUT),
                until: frame.end(),
            };
            let mut charges = hardware(&month, quote, frame)?;
            let by_hour = charges.iter().find(|one| one.charge == Some(Charge::AutoStopHour));
            let by_hour = by_hour.map_or(Decimal::ZERO, |one| one.quantity);
            for volume in &quote.volumes {
                charges.push(extra(&month, volume, frame)?);
            }
            let hours = (mode == BillingMode::Hourly).then(|| u64::try_from(by_hour).unwrap_or(0));
            (Ok(charges), hours)
        }
    };
    // What is paid by the month does not wait for hours.
    let hours_known = hours_known || (charges.is_ok() && hours.is_none());
    Ok(WorkspaceEstimate { workspace, charges, hours, hours_known, uncertain: life.uncertain })
}

/// The charges of its hardware.
fn hardware(month: &WorkspaceMonth<'_>, quote: &Quote, frame: &Frame) -> Result<Vec<ChargeEstimate>, CostError> {
    let costs = estimate_before(month, &quote.plan, frame.spread, frame.to)?;
    let charge = |cost: ChargeCost| ChargeEstimate {
        usage_type: quote.usage_types.get(&cost.charge).map_or_else(|| "".into(), Arc::clone),
        charge: Some(cost.charge),
        quantity: cost.quantity,
        amount: cost.amount,
    };
    Ok(costs.into_iter().map(charge).collect())
}

/// What a larger volume adds: by the month in whichever mode, from the day the WorkSpace was made.
fn extra(month: &WorkspaceMonth<'_>, volume: &ExtraVolume, frame: &Frame) -> Result<ChargeEstimate, CostError> {
    let zero = Money::zero(volume.price.currency);
    let plan = PricePlan::new(volume.price.checked_mul(volume.gib.into())?, zero, zero)?;
    let month = WorkspaceMonth { mode: BillingMode::Monthly, changes: &[], intervals: &[], ..*month };
    let costs = estimate_before(&month, &plan, frame.spread, frame.to)?;
    // By the month alone: one charge, or none where it was not there yet.
    let (months, amount) = costs.first().map_or((Decimal::ZERO, zero), |cost| (cost.quantity, cost.amount));
    let quantity = months * Decimal::from(volume.gib);
    Ok(ChargeEstimate { usage_type: Arc::clone(&volume.usage_type), charge: None, quantity, amount })
}

/// When a WorkSpace came, went and was changed.
#[derive(Debug, Default)]
struct Life {
    created_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    /// Since the month began, in order.
    changes: Vec<ModeChange>,
    uncertain: bool,
}

impl Life {
    fn of(workspace: &WorkspaceRecord, events: &[BillingEvent], frame: &Frame) -> Self {
        let mut life = Self::default();
        for event in events {
            match event.name.as_str() {
                "CreateWorkspaces" => life.created_at = Some(event.at),
                "TerminateWorkspaces" => life.deleted_at = Some(event.at),
                _ => {
                    let wanted = &event.detail["requestParameters"]["workspaceProperties"];
                    let mode = wanted["runningMode"].as_str().map(RunningMode::from);
                    if let Some(mode) = mode.as_ref().and_then(BillingMode::of) {
                        life.changes.push(ModeChange { at: event.at, mode });
                    }
                    let shapes = ["computeTypeName", "rootVolumeSizeGib", "userVolumeSizeGib"];
                    // Reckoned as it is now, whatever it was before.
                    life.uncertain |= event.at < frame.end() && shapes.iter().any(|shape| !wanted[*shape].is_null());
                }
            }
        }
        let (start, seen) = (frame.month.start(), workspace.first_seen_at);
        if life.created_at.is_none() && frame.watched_from < start && seen > start {
            life.created_at = Some(seen);
            life.uncertain |= seen < frame.end();
        }
        if let (None, Some(missed)) = (life.deleted_at, workspace.gone_at) {
            life.deleted_at = Some(missed);
            life.uncertain |= start <= missed && missed < frame.end();
        }
        life
    }

    /// Whether any of the month may be billed by the hour.
    fn has_hours(&self, workspace: &WorkspaceRecord) -> bool {
        let now = workspace.running_mode.as_ref().and_then(BillingMode::of);
        now == Some(BillingMode::Hourly) || (now.is_some() && !self.changes.is_empty())
    }

    /// How it was billed when the month began.
    fn mode_before(&self, now: BillingMode) -> BillingMode {
        match self.changes.first().map(|change| change.mode) {
            None => now,
            Some(BillingMode::Monthly) => BillingMode::Hourly,
            Some(BillingMode::Hourly) => BillingMode::Monthly,
        }
    }
}
