//! Bills of months of every kind.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    cost::price::tests::{plan, plans},
    usage::{
        arbitrary::{BASE, intervals as some_intervals},
        hours::day_of,
    },
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A whole month in one mode, nobody connected, known to its end.
fn quiet(text: &str, mode: BillingMode) -> WorkspaceMonth<'static> {
    let month = month(text);
    WorkspaceMonth {
        month,
        created_at: None,
        deleted_at: None,
        mode,
        changes: &[],
        intervals: &[],
        timeout_minutes: 60,
        until: month.end(),
    }
}

fn standard() -> PricePlan {
    plan("35", "9.75", "0.30")
}

fn total(workspace: &WorkspaceMonth<'_>) -> String {
    month_cost(workspace, &standard()).unwrap().total.amount.normalize().to_string()
}

fn lines(workspace: &WorkspaceMonth<'_>) -> Vec<(Charge, u32, String)> {
    let items = month_cost(workspace, &standard()).unwrap().items;
    items.into_iter().map(|item| (item.charge, item.days, item.amount.amount.normalize().to_string())).collect()
}

/// Ten hours on the 3rd of November 2026, without the hour of the time-out.
fn ten_hours() -> [ConnectedInterval; 1] {
    let start = at("2026-11-03T08:00:00Z").timestamp();
    [ConnectedInterval { start, end: start + 36_000 }]
}

#[test]
fn a_whole_month_is_its_price_or_its_fee_and_hours() {
    assert_eq!(total(&quiet("2026-11", BillingMode::Monthly)), "35");
    assert_eq!(total(&quiet("2026-11", BillingMode::Hourly)), "9.75");
    let used = WorkspaceMonth { intervals: &ten_hours(), ..quiet("2026-11", BillingMode::Hourly) };
    assert_eq!(lines(&used), [(Charge::AutoStopFee, 30, "9.75".into()), (Charge::AutoStopHour, 30, "3.3".into())]);
    let monthly = WorkspaceMonth { intervals: &ten_hours(), ..quiet("2026-11", BillingMode::Monthly) };
    assert_eq!(total(&monthly), "35", "hours cost nothing when always on");
}

#[test]
fn to_always_on_it_holds_at_once_and_the_rest_is_prorated() {
    let change = [ModeChange { at: at("2026-11-16T13:00:00Z"), mode: BillingMode::Monthly }];
    let workspace =
        WorkspaceMonth { changes: &change, intervals: &ten_hours(), ..quiet("2026-11", BillingMode::Hourly) };
    let expected = [
        (Charge::AutoStopFee, 30, "9.75".to_owned()),
        (Charge::AutoStopHour, 30, "3.3".to_owned()),
        (Charge::Monthly, 15, "17.5".to_owned()),
    ];
    assert_eq!(lines(&workspace), expected);
    // Connected after the change: no hours more.
    let start = at("2026-11-20T08:00:00Z").timestamp();
    let [first] = ten_hours();
    let both = [first, ConnectedInterval { start, end: start + 36_000 }];
    assert_eq!(lines(&WorkspaceMonth { intervals: &both, ..workspace }), expected);
    // Connected while it changed: the hours begun before count, 12:30 the last.
    let start = at("2026-11-16T10:30:00Z").timestamp();
    let across = [ConnectedInterval { start, end: start + 36_000 }];
    assert_eq!(lines(&WorkspaceMonth { intervals: &across, ..workspace })[1].2, "0.9");
}

#[test]
fn to_auto_stop_it_holds_from_the_next_month_on() {
    let change = [ModeChange { at: at("2026-11-16T13:00:00Z"), mode: BillingMode::Hourly }];
    assert_eq!(total(&WorkspaceMonth { changes: &change, ..quiet("2026-11", BillingMode::Monthly) }), "35");
    assert_eq!(total(&WorkspaceMonth { changes: &change, ..quiet("2026-12", BillingMode::Monthly) }), "9.75");
    let midnight = [ModeChange { at: at("2026-12-01T00:00:00Z"), mode: BillingMode::Hourly }];
    assert_eq!(total(&WorkspaceMonth { changes: &midnight, ..quiet("2026-12", BillingMode::Monthly) }), "9.75");
}

#[test]
fn back_and_forth_costs_no_more_than_the_first_change() {
    let changes = [
        ModeChange { at: at("2026-11-25T00:00:00Z"), mode: BillingMode::Monthly },
        ModeChange { at: at("2026-11-20T00:00:00Z"), mode: BillingMode::Hourly },
        ModeChange { at: at("2026-11-16T00:00:00Z"), mode: BillingMode::Monthly },
    ];
    assert_eq!(total(&WorkspaceMonth { changes: &changes, ..quiet("2026-11", BillingMode::Hourly) }), "27.25");
    let changes = [
        ModeChange { at: at("2026-11-20T00:00:00Z"), mode: BillingMode::Hourly },
        ModeChange { at: at("2026-11-25T00:00:00Z"), mode: BillingMode::Monthly },
    ];
    assert_eq!(total(&WorkspaceMonth { changes: &changes, ..quiet("2026-11", BillingMode::Monthly) }), "35");
}

#[test]
fn a_month_begun_late_is_prorated_from_the_day_it_began() {
    let born = |text, mode| WorkspaceMonth { created_at: Some(at(text)), ..quiet("2026-11", mode) };
    assert_eq!(total(&born("2026-11-16T23:59:59Z", BillingMode::Monthly)), "17.5");
    assert_eq!(total(&born("2026-11-16T00:00:00Z", BillingMode::Hourly)), "4.875");
    assert_eq!(total(&born("2026-11-01T12:00:00Z", BillingMode::Monthly)), "35", "the 1st is a whole month");
    assert_eq!(total(&born("2026-10-16T00:00:00Z", BillingMode::Monthly)), "35");
    assert_eq!(total(&born("2026-12-01T00:00:00Z", BillingMode::Monthly)), "0");
    let leap =
        WorkspaceMonth { created_at: Some(at("2024-02-29T00:00:00Z")), ..quiet("2024-02", BillingMode::Monthly) };
    assert_eq!(total(&leap), "1.2068965517", "35 / 29");
    let common =
        WorkspaceMonth { created_at: Some(at("2025-02-28T00:00:00Z")), ..quiet("2025-02", BillingMode::Monthly) };
    assert_eq!(total(&common), "1.25", "35 / 28");
}

#[test]
fn a_deletion_gives_nothing_back_and_ends_the_hours() {
    let gone = |text, mode| WorkspaceMonth { deleted_at: Some(at(text)), intervals: &[], ..quiet("2026-11", mode) };
    assert_eq!(total(&gone("2026-11-02T00:00:00Z", BillingMode::Monthly)), "35");
    assert_eq!(total(&gone("2026-11-02T00:00:00Z", BillingMode::Hourly)), "9.75");
    assert_eq!(total(&gone("2026-11-01T00:00:00Z", BillingMode::Monthly)), "0", "not renewed");
    let used = ten_hours();
    let workspace = WorkspaceMonth { intervals: &used, ..gone("2026-11-03T10:00:00Z", BillingMode::Hourly) };
    assert_eq!(total(&workspace), "10.35", "8:00 and 9:00");
}

#[test]
fn a_month_that_has_not_begun_costs_nothing_and_one_that_runs_what_is_known() {
    let used = ten_hours();
    let running =
        |until| WorkspaceMonth { until: at(until), intervals: &used, ..quiet("2026-11", BillingMode::Hourly) };
    assert_eq!(total(&running("2026-11-01T00:00:00Z")), "0");
    assert_eq!(total(&running("2026-11-01T00:00:01Z")), "9.75");
    assert_eq!(total(&running("2026-11-03T09:30:00Z")), "10.35");
    let change = [ModeChange { at: at("2026-11-16T13:00:00Z"), mode: BillingMode::Monthly }];
    assert_eq!(total(&WorkspaceMonth { changes: &change, ..running("2026-11-10T00:00:00Z") }), "13.05", "not yet");
}

#[test]
fn days_are_those_on_which_it_was_charged() {
    let used = ten_hours();
    let change = [ModeChange { at: at("2026-11-16T13:00:00Z"), mode: BillingMode::Monthly }];
    let workspace = WorkspaceMonth { changes: &change, intervals: &used, ..quiet("2026-11", BillingMode::Hourly) };
    let before = |spread, to: &str| estimate_before(&workspace, &standard(), spread, to.parse().unwrap()).unwrap();
    let found = |spread, to| -> Vec<_> {
        before(spread, to).iter().map(|cost| (cost.charge, cost.amount.amount.normalize().to_string())).collect()
    };
    let (fee, hours) = ((Charge::AutoStopFee, "9.75".into()), (Charge::AutoStopHour, "3.3".into()));
    assert_eq!(found(Spread::AsCharged, "2026-11-01"), []);
    assert_eq!(found(Spread::AsCharged, "2026-11-03"), std::slice::from_ref(&fee));
    assert_eq!(found(Spread::AsCharged, "2026-11-04"), [fee.clone(), hours.clone()]);
    assert_eq!(found(Spread::AsCharged, "2026-11-16"), [fee.clone(), hours.clone()]);
    assert_eq!(found(Spread::AsCharged, "2026-11-17"), [(Charge::Monthly, "17.5".into()), fee, hours]);
    let sum = |to| Money::sum(before(Spread::Even, to).iter().map(|cost| &cost.amount), standard().currency()).unwrap();
    let day = sum("2026-11-17").checked_sub(&sum("2026-11-16")).unwrap();
    assert_eq!(day.to_text(4), "1.4917", "9.75 / 30 + 17.5 / 15");
    assert_eq!(sum("2026-12-01"), month_cost(&workspace, &standard()).unwrap().total);
    assert_eq!(sum("2027-12-01"), sum("2026-12-01"), "nothing of it is on later days");
}

/// Some WorkSpace's life over the weeks around a leap day, seen in one of three months.
#[derive(Debug, Clone)]
struct Life {
    month: Month,
    created: Option<i64>,
    deleted: Option<i64>,
    mode: BillingMode,
    changes: Vec<ModeChange>,
    intervals: Vec<ConnectedInterval>,
    timeout: u32,
    until: i64,
}

impl Life {
    fn seen(&self) -> WorkspaceMonth<'_> {
        let time = |secs: i64| DateTime::from_timestamp(secs, 0).unwrap();
        WorkspaceMonth {
            month: self.month,
            created_at: self.created.map(time),
            deleted_at: self.deleted.map(time),
            mode: self.mode,
            changes: &self.changes,
            intervals: &self.intervals,
            timeout_minutes: self.timeout,
            until: time(self.until),
        }
    }
}

fn moment() -> impl Strategy<Value = i64> {
    // From 2024-01-20 on for 80 days, often at midnight.
    prop_oneof![(0i64..80).prop_map(|day| BASE + (day - 31) * 86_400), BASE - 31 * 86_400..BASE + 49 * 86_400]
}

fn mode() -> impl Strategy<Value = BillingMode> {
    prop_oneof![Just(BillingMode::Monthly), Just(BillingMode::Hourly)]
}

fn lives() -> impl Strategy<Value = Life> {
    let change =
        (moment(), mode()).prop_map(|(at, mode)| ModeChange { at: DateTime::from_timestamp(at, 0).unwrap(), mode });
    (
        1u32..4,
        proptest::option::of(moment()),
        proptest::option::of(moment()),
        mode(),
        proptest::collection::vec(change, 0..4),
        some_intervals(300, 12),
        (1u32..4).prop_map(|hours| hours * 60),
        prop_oneof![3 => Just(BASE + 90 * 86_400), 1 => moment()],
    )
        .prop_map(|(month, created, deleted, mode, changes, intervals, timeout, until)| Life {
            month: Month::new(2024, month).unwrap(),
            created,
            deleted,
            mode,
            changes,
            intervals,
            timeout,
            until,
        })
}

proptest! {
    #[test]
    fn days_add_up_to_the_month(life in lives(), plan in plans()) {
        let cost = month_cost(&life.seen(), &plan).unwrap();
        let sum: i64 = cost.items.iter().map(|item| item.amount.amount_e10().unwrap()).sum();
        prop_assert_eq!(cost.total.amount_e10(), Ok(sum));
        for spread in [Spread::AsCharged, Spread::Even] {
            let mut so_far = BTreeMap::new();
            for to in life.month.first_day().iter_days().take(life.month.days() as usize + 1) {
                let costs = estimate_before(&life.seen(), &plan, spread, to).unwrap();
                let now: BTreeMap<_, _> = costs.iter().map(|cost| (cost.charge, (cost.quantity, cost.amount.amount))).collect();
                prop_assert_eq!(now.len(), costs.len());
                for (charge, (quantity, amount)) in &so_far {
                    let more = now.get(charge).ok_or_else(|| TestCaseError::fail("a charge was taken back"))?;
                    prop_assert!(more.0 >= *quantity && more.1 >= *amount);
                }
                so_far = now;
            }
            let whole: BTreeMap<_, _> = cost.items.iter().map(|item| (item.charge, (item.quantity, item.amount.amount))).collect();
            prop_assert_eq!(so_far, whole);
        }
    }

    #[test]
    fn a_bill_is_bounded(life in lives(), plan in plans()) {
        let seen = life.seen();
        let cost = month_cost(&seen, &plan).unwrap();
        let hours = billable_hours(&life.intervals, life.timeout, seen.month.start().timestamp(), seen.month.end().timestamp());
        let most = plan.auto_stop_cost(hours).unwrap().amount + plan.monthly().amount;
        prop_assert!(cost.total.amount <= most);
        for item in &cost.items {
            prop_assert!(item.days >= 1 && item.days <= item.of_days && item.of_days == seen.month.days());
        }
        let charges: Vec<_> = cost.items.iter().map(|item| item.charge).collect();
        prop_assert!(charges.len() <= 3);
        prop_assert!(!charges.contains(&Charge::AutoStopHour) || charges.contains(&Charge::AutoStopFee));
        // Being there at any time of the month costs at least a day of the cheaper of price and fee.
        if !charges.is_empty() {
            let least = plan.monthly().amount.min(plan.auto_stop_fee().amount) / Decimal::from(seen.month.days());
            prop_assert!(cost.total.amount >= least.round_dp(10));
        }
    }

    #[test]
    fn a_later_look_never_shows_less(life in lives(), plan in plans(), later in 0i64..40 * 86_400) {
        let mut then = life.clone();
        then.until += later;
        let (now, then) = (month_cost(&life.seen(), &plan).unwrap(), month_cost(&then.seen(), &plan).unwrap());
        prop_assert!(now.total.amount <= then.total.amount);
    }

    #[test]
    fn a_later_creation_never_costs_more_in_one_mode(life in lives(), plan in plans(), later in 0i64..40 * 86_400) {
        let early = Life { changes: vec![], created: Some(life.created.unwrap_or(BASE)), ..life };
        let late = Life { created: early.created.map(|at| at + later), ..early.clone() };
        let (early, late) = (month_cost(&early.seen(), &plan).unwrap(), month_cost(&late.seen(), &plan).unwrap());
        prop_assert!(late.total.amount <= early.total.amount);
    }

    #[test]
    fn the_order_of_changes_does_not_matter(life in lives(), plan in plans()) {
        let mut other = life.clone();
        other.changes.sort_by_key(|change| std::cmp::Reverse(change.at));
        let distinct: std::collections::BTreeSet<_> = life.changes.iter().map(|change| change.at).collect();
        prop_assume!(distinct.len() == life.changes.len());
        prop_assert_eq!(month_cost(&life.seen(), &plan).unwrap(), month_cost(&other.seen(), &plan).unwrap());
    }

    #[test]
    fn months_in_a_row_bill_every_hour_once(intervals in some_intervals(300, 12), timeout in 1u32..4) {
        let plan = plan("0", "0", "1");
        let mut all = Decimal::ZERO;
        for number in 1..6 {
            let month = Month::new(2024, number).unwrap();
            let seen = WorkspaceMonth { intervals: &intervals, timeout_minutes: timeout * 60, ..quiet(&month.to_string(), BillingMode::Hourly) };
            all += month_cost(&seen, &plan).unwrap().total.amount;
        }
        let hours: u64 = crate::usage::billable::sessions(&intervals, timeout * 60).iter().map(|session| u64::from(session.hours)).sum();
        prop_assert_eq!(all, Decimal::from(hours));
        prop_assert!(day_of(BASE).is_some());
    }
}
