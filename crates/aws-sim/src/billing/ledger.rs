//! The bill as tests read it: per desktop and month, and per day and usage type. The same sums as Cost Explorer's, by
//! another way through the same charges.

use std::collections::BTreeMap;

use chrono::{Days as Count, NaiveDate};
use serde_json::{Value, json};

use super::{
    Clock, Month,
    book::charges_of,
    charges::{Sum, Usage},
};
use crate::{
    fleet::{Fleet, model::Desktop, view::Watch},
    pricing::decimal,
    simulator::Simulator,
};

/// An item of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) usage_type: String,
    /// `Month`, `Hour` or `GB-Mo`.
    pub(crate) unit: &'static str,
    /// 1e-10 units.
    pub(crate) quantity_e10: i64,
    /// 1e-10 USD.
    pub(crate) amount_e10: i64,
}

/// A day's cost of a usage type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayItem {
    pub(crate) day: NaiveDate,
    pub(crate) item: Item,
    /// Whether the day may still change.
    pub(crate) estimated: bool,
}

fn item(region: &str, usage: Usage, sum: Sum) -> Item {
    Item {
        usage_type: usage.charge.usage_type(region, usage.edition, usage.number),
        unit: usage.charge.unit(),
        quantity_e10: sum.quantity,
        amount_e10: sum.amount,
    }
}

/// What one desktop pays in the month of a day, as booked by now, one item per usage type.
pub(crate) fn workspace_month(fleet: &Fleet, desktop: &Desktop, watch: &Watch, in_month: NaiveDate) -> Vec<Item> {
    let month = Month::of(in_month);
    let horizon = Clock { now: watch.now_ms.div_euclid(1_000) }.horizon().min(month.end());
    charges_of(fleet, desktop, watch, month, horizon)
        .into_iter()
        .map(|(usage, days)| {
            let mut sum = Sum::default();
            days.into_iter().for_each(|day| sum += day);
            item(&fleet.region, usage, sum)
        })
        .collect()
}

/// What a region pays for WorkSpaces in the month of a day, by day and usage type, as booked by now.
pub(crate) fn days_of_month(simulator: &Simulator, account: &str, region: &str, in_month: NaiveDate) -> Vec<DayItem> {
    let month = Month::of(in_month);
    let clock = Clock { now: simulator.now().timestamp() };
    let bill = simulator.0.books.month(simulator, account, region, month, &[]);
    let mut items: BTreeMap<(NaiveDate, String), DayItem> = BTreeMap::new();
    for line in &bill.lines {
        for (day, sum) in (0..u64::from(month.days())).zip(line.days) {
            if sum == Sum::default() {
                continue;
            }
            let day = month.first_day() + Count::new(day);
            let item = item(region, line.usage, sum);
            items.insert((day, item.usage_type.clone()), DayItem { day, item, estimated: clock.is_open(day) });
        }
    }
    items.into_values().collect()
}

fn item_value(item: &Item) -> Value {
    json!({
        "usage_type": item.usage_type,
        "unit": item.unit,
        "quantity": decimal(i128::from(item.quantity_e10)),
        "amount": decimal(i128::from(item.amount_e10)),
    })
}

/// For the ledger: what a desktop pays in the month that begins at `from` (Unix seconds), in USD, as booked by now.
pub(crate) fn workspace_cost(fleet: &Fleet, desktop: &Desktop, watch: &Watch, from: i64) -> Value {
    let items = workspace_month(fleet, desktop, watch, super::day_of(from));
    let total: i128 = items.iter().map(|item| i128::from(item.amount_e10)).sum();
    json!({ "total": decimal(total), "items": items.iter().map(item_value).collect::<Vec<_>>() })
}

/// For the ledger: what a region pays for WorkSpaces in the month that begins at `from` (Unix seconds), in USD, as booked
/// by now: in total, by usage type, and by day and usage type. Takes the fleet's lock.
pub(crate) fn region_cost(simulator: &Simulator, account: &str, region: &str, from: i64) -> Value {
    let days = days_of_month(simulator, account, region, super::day_of(from));
    let mut by_usage_type: BTreeMap<&str, i128> = BTreeMap::new();
    for day in &days {
        *by_usage_type.entry(&day.item.usage_type).or_default() += i128::from(day.item.amount_e10);
    }
    json!({
        "total": decimal(by_usage_type.values().sum()),
        "by_usage_type": by_usage_type
            .iter()
            .map(|(usage_type, amount)| ((*usage_type).to_owned(), json!(decimal(*amount))))
            .collect::<serde_json::Map<_, _>>(),
        "days": days
            .iter()
            .map(|day| {
                let mut value = item_value(&day.item);
                value["day"] = json!(day.day.to_string());
                value["estimated"] = json!(day.estimated);
                value
            })
            .collect::<Vec<_>>(),
    })
}
