//! The truth against itself: what was seen stays true, its parts agree, and what is asked of a desktop shows in its past.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use domain::usage::ConnectedInterval;

use super::{ledger::Figures, metrics::Metric, *};
use crate::{
    SimOptions, Simulator,
    fleet::model::{Command, CommandKind, State},
    rng::Rng,
};

const ACCOUNT: &str = crate::DEFAULT_ACCOUNT;
const REGION: &str = "us-east-1";

/// Wednesday 2026-01-14 15:00 UTC.
fn wednesday() -> DateTime<Utc> {
    DateTime::from_timestamp(1_768_402_800, 0).unwrap()
}

fn simulator(workspaces: usize, alive: bool) -> Simulator {
    let mut options = SimOptions::new(workspaces, 7, Arc::new(wednesday));
    options.regions.truncate(1);
    options.throttle = None;
    options.alive = alive;
    Simulator::new(options)
}

fn each(simulator: &Simulator, mut look: impl FnMut(&Desktop, History<'_>)) {
    let watch = simulator.watch(REGION);
    let fleet = simulator.fleet(ACCOUNT, REGION);
    for desktop in fleet.everyone() {
        look(desktop, fleet.history(desktop, &watch));
    }
}

#[test]
fn what_was_seen_stays_true_whatever_is_asked() {
    let simulator = simulator(120, true);
    let mut rng = Rng::from_parts(3, "asked");
    let mut seen: HashMap<String, Vec<(i64, bool)>> = HashMap::new();
    let mut published: HashMap<(String, i64), (Option<f64>, Option<f64>)> = HashMap::new();
    let metrics = |history: &History<'_>, at: i64| {
        let point = |metric| history.points(metric, at, at + 1).iter().next().map(|(_, value)| value);
        (point(Metric::UserConnected), point(Metric::Available))
    };
    for _ in 0..900 {
        simulator.advance(TimeDelta::seconds(60 + rng.below(900) as i64));
        let watch = simulator.watch(REGION);
        let now = watch.now_ms.div_euclid(1_000);
        let ids: Vec<String> = {
            let fleet = simulator.fleet(ACCOUNT, REGION);
            fleet
                .after(None, &watch, |_| true)
                .map(|(_, desktop, view)| {
                    seen.entry(desktop.id.clone()).or_default().push((now, view.connected));
                    let last = slot_floor(now) - SLOT;
                    let points = metrics(&fleet.history(desktop, &watch), last);
                    published.insert((desktop.id.clone(), last), points);
                    desktop.id.clone()
                })
                .collect()
        };
        simulator.advance(TimeDelta::seconds(1));
        let watch = simulator.watch(REGION);
        let mut fleet = simulator.fleet_mut(ACCOUNT, REGION);
        for _ in 0..3 {
            let id = rng.pick(&ids);
            let draw = rng.below(100);
            if draw == 0 {
                fleet.doom(id, &watch);
                continue;
            }
            let Some((_, view)) = fleet.view(id, &watch) else { continue };
            let desktop = fleet.get_mut(id).unwrap();
            let at = watch.now_ms;
            let command = |length: i64, kind| Command { at, until: at + length, kind };
            match draw {
                1..=25 if matches!(view.state, State::Available) => {
                    desktop.obey(command(30_000, CommandKind::Down), &watch)
                }
                26..=50 if view.state == State::Stopped => {
                    desktop.obey(command(45_000, CommandKind::Up(State::Starting)), &watch);
                }
                51..=75 if view.state == State::Available => {
                    desktop.obey(command(60_000, CommandKind::Up(State::Rebooting)), &watch);
                }
                76..=80 if view.state == State::Available => desktop.hold(State::AdminMaintenance, at),
                81..=99 if view.state == State::AdminMaintenance => {
                    desktop.obey(command(0, CommandKind::Up(State::Available)), &watch);
                }
                _ => {}
            }
        }
    }
    let (mut connected, mut checked) = (0, 0);
    each(&simulator, |desktop, history| {
        for (at, was) in seen.remove(&desktop.id).unwrap_or_default() {
            let now = !history.sessions(at, at + 1).is_empty();
            assert_eq!(
                now,
                was,
                "{} at {at}: {:?} {:?}",
                desktop.id,
                desktop.breaks,
                history.sessions(at - 7_200, at + 7_200)
            );
            connected += usize::from(was);
            checked += 1;
        }
    });
    assert!(seen.is_empty(), "nobody is forgotten");
    let watch = simulator.watch(REGION);
    let fleet = simulator.fleet(ACCOUNT, REGION);
    for ((id, at), points) in &published {
        let desktop = fleet.ever(id).unwrap();
        let now = metrics(&fleet.history(desktop, &watch), *at);
        assert_eq!(now, *points, "CloudWatch never changes a point: {id} {at} {:?}", desktop.breaks);
    }
    assert!(connected * 10 > checked && connected * 2 < checked, "{connected} of {checked}");
}

#[test]
fn slots_are_the_sessions_on_the_grid_and_only_what_is_over() {
    let simulator = simulator(150, true);
    let now = simulator.now().timestamp();
    each(&simulator, |desktop, history| {
        let from = now - 20 * DAY;
        let slots = history.slots(from, now);
        for pair in slots.windows(2) {
            assert!(pair[0].end < pair[1].start, "merged and in order");
        }
        for slot in &slots {
            assert!(slot.start % SLOT == 0 && slot.end % SLOT == 0 && slot.start < slot.end && slot.end <= now);
        }
        for at in (slot_ceil(from)..slot_floor(now)).step_by(SLOT as usize * 7) {
            let in_slots = slots.iter().any(|slot| slot.start <= at && at < slot.end);
            assert_eq!(in_slots, !history.sessions(at, at + SLOT).is_empty(), "{} {at}", desktop.id);
        }
    });
}

#[test]
fn days_add_up_to_months() {
    let simulator = simulator(300, true);
    let (from, to) = (1_764_547_200, 1_767_225_600); // December 2025
    let (mut hours, mut connected) = (0, 0);
    each(&simulator, |desktop, history| {
        let month = Figures::of(&history, from, to);
        let days: Vec<Figures> =
            (0..31).map(|day| Figures::of(&history, from + day * DAY, from + (day + 1) * DAY)).collect();
        let sum = |figure: fn(&Figures) -> i64| days.iter().map(figure).sum::<i64>();
        assert_eq!(sum(|f| f.connected_slots), month.connected_slots, "{}", desktop.id);
        assert_eq!(sum(|f| f.connected_hours), month.connected_hours);
        assert_eq!(sum(|f| f.billed_hours), month.billed_hours);
        assert_eq!(sum(|f| f.hours_by_rule), month.hours_by_rule);
        assert!(month.connected_slots * 5 <= month.hours_by_rule * 60);
        let all_auto_stop =
            history.billing_periods(from, to).iter().all(|p| p.shape.running_mode == RunningMode::AutoStop);
        if all_auto_stop && desktop.past.is_empty() {
            assert_eq!(month.billed_hours, month.hours_by_rule);
        }
        hours += month.billed_hours;
        connected += month.connected_hours;
    });
    assert!(hours > 10_000 && connected > 15_000, "{hours} {connected}");
}

#[test]
fn desktops_were_made_changed_and_terminated_in_the_era() {
    let simulator = simulator(2_000, true);
    let era = simulator.0.era;
    assert_eq!(era.end, 1_767_225_600, "the month of the clock's start");
    assert_eq!(era.end - era.start, 400 * DAY);
    let (mut gone, mut fresh, mut changed) = (0, 0, 0);
    each(&simulator, |desktop, history| {
        let life = history.life();
        assert!(era.start <= life.created_at && life.created_at <= era.end);
        if let Some(terminated_at) = life.terminated_at {
            gone += 1;
            assert!(life.created_at < terminated_at && terminated_at <= era.end + DAY);
            assert!(history.sessions(terminated_at, i64::MAX / 4).is_empty());
        }
        assert!(history.sessions(0, life.created_at).is_empty());
        fresh += usize::from(life.created_at > era.end - 31 * DAY);
        for (at, before, after) in history.changes() {
            changed += 1;
            assert_ne!(before.running_mode, after.running_mode);
            let periods = history.periods(at - 1, at + 1);
            assert_eq!(
                periods.iter().map(|period| period.shape).collect::<Vec<_>>(),
                [before, after],
                "{}",
                desktop.id
            );
        }
    });
    assert_eq!(gone, 100);
    assert!((80..200).contains(&fresh) && (70..200).contains(&changed), "{fresh} {changed}");
}

#[test]
fn always_on_is_billed_until_its_month_ends() {
    let simulator = simulator(60, true);
    let watch = simulator.watch(REGION);
    let fleet = simulator.fleet(ACCOUNT, REGION);
    let mut desktop =
        fleet.everyone().find(|d| d.running_mode == RunningMode::AlwaysOn && d.past.is_empty()).unwrap().clone();
    desktop.created_ms = 1_764_547_200_000; // 2025-12-01
    let at = 1_766_000_000; // 2025-12-17
    let always_on = desktop.shape();
    desktop.running_mode = RunningMode::AutoStop;
    desktop.timeout_minutes = 60;
    desktop.past.push(record::PastShape { until_ms: at * 1_000, shape: always_on });
    let history = fleet.history(&desktop, &watch);
    let modes = |periods: Vec<Period>| periods.iter().map(|p| (p.start, p.shape.running_mode)).collect::<Vec<_>>();
    let (start, january) = (1_764_547_200, 1_767_225_600);
    let asked = [(start, RunningMode::AlwaysOn), (at, RunningMode::AutoStop)];
    assert_eq!(modes(history.periods(0, i64::MAX)), asked);
    let billed = [(start, RunningMode::AlwaysOn), (at, RunningMode::AlwaysOn), (january, RunningMode::AutoStop)];
    assert_eq!(modes(history.billing_periods(0, i64::MAX)), billed);
    assert!(history.billed(0, january).is_empty());

    desktop.past[0].shape = desktop.shape();
    desktop.running_mode = RunningMode::AlwaysOn;
    let history = fleet.history(&desktop, &watch);
    let billed = [(start, RunningMode::AutoStop), (at, RunningMode::AlwaysOn)];
    assert_eq!(modes(history.billing_periods(0, i64::MAX)), billed, "the other way at once");
}

#[test]
fn hours_begin_with_a_connection_and_run_through_the_time_out() {
    let chain = |minutes: i64| Billed::new(Span { start: 1_000, end: 1_000 + minutes * 60 });
    assert_eq!(chain(65).hours, 2);
    assert_eq!(chain(120).hours, 2);
    assert_eq!(chain(125).hours, 3);
    let three = chain(125);
    assert_eq!(three.hours_in(1_000, 1_001), 1);
    assert_eq!(three.hours_in(1_001, 4_600), 0);
    assert_eq!(three.hours_in(1_001, 4_601), 1);
    assert_eq!((three.hours_in(0, 9_000), three.hours_in(9_000, i64::MAX)), (3, 0));
}

#[test]
fn a_fleet_that_stands_still_keeps_its_wednesday() {
    let simulator = simulator(200, false);
    let then = simulator.now().timestamp();
    simulator.advance(TimeDelta::days(3));
    let now = simulator.now().timestamp();
    let watch = simulator.watch(REGION);
    let fleet = simulator.fleet(ACCOUNT, REGION);
    let mut connected = 0;
    for (_, desktop, view) in fleet.after(None, &watch, |_| true) {
        let history = fleet.history(desktop, &watch);
        let sessions = history.sessions(then, now);
        assert_eq!(view.connected, !sessions.is_empty(), "{}", desktop.id);
        if view.connected {
            connected += 1;
            assert_eq!((sessions.len(), sessions[0].end), (1, now));
            assert_eq!(history.slots(then, now).last().map(|slot| slot.end), Some(now));
        }
        assert!(history.running(then, now).len() <= 1, "nothing changes by itself");
    }
    assert!(connected > 40, "{connected}");
}

#[test]
fn running_covers_every_connection() {
    let simulator = simulator(200, true);
    let now = simulator.now().timestamp();
    each(&simulator, |desktop, history| {
        let running = history.running(now - 10 * DAY, now);
        assert!(running.windows(2).all(|pair| pair[0].end < pair[1].start));
        for session in history.sessions(now - 9 * DAY, now) {
            let within = running.iter().any(|span| span.start <= session.start && session.end <= span.end);
            assert!(within, "{} {session:?}", desktop.id);
        }
    });
}

#[test]
fn the_export_is_the_same_truth() {
    let simulator = simulator(100, true);
    let (from, to) = (1_764_547_200, 1_767_225_600);
    let range = (DateTime::from_timestamp(from, 0).unwrap(), DateTime::from_timestamp(to, 0).unwrap());
    let mut exported = HashMap::new();
    simulator.each_usage(ACCOUNT, REGION, range, |usage| {
        let seconds: i64 = usage.connected.iter().map(|(start, end)| (*end - *start).num_seconds()).sum();
        exported.insert(usage.workspace_id, seconds);
    });
    assert_eq!(exported.len(), 105);
    each(&simulator, |desktop, history| {
        assert_eq!(exported[&desktop.id], Figures::of(&history, from, to).connected_slots * SLOT);
    });
}

#[test]
fn the_ledgers_hours_are_those_of_the_rule_that_clients_use() {
    let simulator = simulator(300, true);
    let (from, to) = (1_764_547_200, 1_767_225_600);
    let mut compared = 0;
    each(&simulator, |desktop, history| {
        if history.life().terminated_at.is_some() {
            return; // Its last time-out is cut, which points cannot show.
        }
        let slots = history.slots(from - 40 * DAY, to);
        let pieces: Vec<_> = slots.iter().map(|slot| ConnectedInterval { start: slot.start, end: slot.end }).collect();
        let timeout = if desktop.timeout_minutes == 0 { 60 } else { desktop.timeout_minutes };
        let hours = domain::usage::billable::billable_hours(&pieces, timeout, from, to);
        assert_eq!(Figures::of(&history, from, to).hours_by_rule, hours as i64, "{}", desktop.id);
        compared += hours;
    });
    assert!(compared > 20_000, "{compared}");
}
