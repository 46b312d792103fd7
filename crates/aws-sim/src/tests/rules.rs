//! The bill against Wheelhouse's own rules for it: two computations of the same months, which share no code.

use chrono::{DateTime, Utc};
use domain::{
    cost::{
        BillingMode, ModeChange, PricePlan,
        proration::{WorkspaceMonth, month_cost},
    },
    money::{Currency, Money},
    usage::{ConnectedInterval, Month},
};

use super::wednesday;
use crate::{
    SimOptions, Simulator,
    billing::ledger::workspace_month,
    fleet::model::RunningMode,
    pricing::{E10_PER_CENT, tariff},
};

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn mode(mode: RunningMode) -> Option<BillingMode> {
    match mode {
        RunningMode::AlwaysOn => Some(BillingMode::Monthly),
        RunningMode::AutoStop => Some(BillingMode::Hourly),
        RunningMode::Manual => None,
    }
}

#[test]
fn every_month_of_every_desktop_costs_what_the_rules_say() {
    let mut options = SimOptions::new(1_500, 11, std::sync::Arc::new(wednesday));
    options.throttle = None;
    let simulator = Simulator::new(options);
    let (mut seen, mut changed, mut begun, mut ended) = (0, 0, 0, 0);
    for region in ["us-east-1", "eu-central-1"] {
        let watch = simulator.watch(region);
        let fleet = simulator.fleet("123456789012", region);
        for desktop in fleet.everyone() {
            let history = fleet.history(desktop, &watch);
            let (life, changes) = (history.life(), history.changes());
            let first = changes.first().map_or_else(|| desktop.shape(), |(_, before, _)| *before);
            let modes: Option<Vec<ModeChange>> = changes
                .iter()
                .map(|(at, _, after)| Some(ModeChange { at: time(*at), mode: mode(after.running_mode)? }))
                .collect();
            // The rules leave out Core, and what else changes within a month.
            let (Some(modes), Some(before)) = (modes, mode(first.running_mode)) else { continue };
            let timeouts: Vec<u32> = changes
                .iter()
                .map(|(.., after)| *after)
                .chain([first])
                .filter(|shape| shape.running_mode == RunningMode::AutoStop)
                .map(|shape| shape.timeout_minutes)
                .collect();
            let same = changes.iter().all(|(_, a, b)| a.compute == b.compute);
            if !same || timeouts.windows(2).any(|pair| pair[0] != pair[1]) {
                continue;
            }
            let edition = tariff::Edition::of(fleet.bundle_of(desktop).kind.operating_system);
            let rates = tariff::rates(region, tariff::compute(desktop.compute), edition);
            let money = |cents: i64| Money::from_e10(cents * E10_PER_CENT, Currency::USD);
            let plan = PricePlan::new(money(rates.monthly), money(rates.fee), money(rates.hourly)).unwrap();
            for month in ["2025-09", "2025-10", "2025-11", "2025-12"].map(|text| text.parse::<Month>().unwrap()) {
                let (from, to) = (month.start().timestamp(), month.end().timestamp());
                let gone = life.terminated_at.is_some_and(|at| at <= from);
                if life.created_at >= to || gone {
                    continue;
                }
                let intervals: Vec<ConnectedInterval> = history
                    .slots(from - 10 * 86_400, to)
                    .into_iter()
                    .filter_map(|span| ConnectedInterval::new(span.start, span.end))
                    .collect();
                let rule = WorkspaceMonth {
                    month,
                    created_at: Some(time(life.created_at)),
                    deleted_at: life.terminated_at.map(time),
                    mode: before,
                    changes: &modes,
                    intervals: &intervals,
                    timeout_minutes: timeouts.first().copied().unwrap_or(60),
                    until: month.end(),
                };
                let wanted = month_cost(&rule, &plan).unwrap().total.amount_e10().unwrap();
                let items = workspace_month(&fleet, desktop, &watch, month.first_day());
                let billed: i64 = items.iter().filter(|item| item.unit != "GB-Mo").map(|item| item.amount_e10).sum();
                assert_eq!(billed, wanted, "{} {month} {:?} {items:?}", desktop.id, desktop.past);
                seen += 1;
                changed += i32::from(modes.iter().any(|change| month.contains(change.at)));
                begun += i32::from(month.contains(time(life.created_at)));
                ended += i32::from(life.terminated_at.is_some_and(|at| month.contains(time(at))));
            }
        }
    }
    assert!(seen > 2_000 && changed > 10 && begun > 100 && ended > 5, "{seen} {changed} {begun} {ended}");
}
