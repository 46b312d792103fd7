//! The ledger of truth: what a month of an account's region really was, desktop by desktop. Tests compare with it what a
//! client of CloudWatch and Cost Explorer made of their answers.
//!
//! It reads the truth and nothing that went over the wire. A new figure gets a field in [`Line`] and in [`Totals`].

use chrono::{DateTime, NaiveDate, SecondsFormat};
use serde::Serialize;

use super::{History, SLOT, Span, month_after, slot_ceil};
use crate::{billing, fleet::model::RunningMode, simulator::Simulator};

/// An hour by the clock.
const HOUR: i64 = 3_600;
/// The time-out that desktops in another running mode are counted with.
const USUAL_TIMEOUT: i64 = HOUR;

/// One desktop's month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Line {
    pub(crate) workspace_id: String,
    created_at: String,
    terminated_at: Option<String>,
    running_mode: &'static str,
    figures: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<serde_json::Value>,
}

/// What is counted, of one desktop or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Figures {
    /// 5-minute slots in which somebody was connected.
    pub(crate) connected_slots: i64,
    /// Hours by the clock (UTC) in which somebody was connected.
    pub(crate) connected_hours: i64,
    /// Stretches of such slots without a gap.
    pub(crate) sessions: i64,
    /// AUTO_STOP hours on the bill: from a connection through the time-out, each hour counted where it begins.
    pub(crate) billed_hours: i64,
    /// Hours by the same rule in any running mode, with the desktop's own time-out, else 60 minutes.
    pub(crate) hours_by_rule: i64,
    /// Sessions by that rule: a gap shorter than the time-out ends none.
    pub(crate) sessions_by_rule: i64,
}

impl Figures {
    fn add(&mut self, other: Self) {
        self.connected_slots += other.connected_slots;
        self.connected_hours += other.connected_hours;
        self.sessions += other.sessions;
        self.billed_hours += other.billed_hours;
        self.hours_by_rule += other.hours_by_rule;
        self.sessions_by_rule += other.sessions_by_rule;
    }

    /// Counts a range of one desktop's past.
    pub(crate) fn of(history: &History<'_>, from: i64, to: i64) -> Self {
        let slots: Vec<Span> = history.slots(from, to).into_iter().filter_map(|span| span.clip(from, to)).collect();
        let timeout = match i64::from(history.desktop.timeout_minutes) * 60 {
            0 => USUAL_TIMEOUT,
            own => own,
        };
        let life = history.life();
        let end = life.terminated_at.map_or(history.now, slot_ceil);
        let chains = history.chains(from, to, timeout, Span { start: life.created_at, end });
        Self {
            connected_slots: slots.iter().map(|span| span.seconds() / SLOT).sum(),
            connected_hours: hours_touched(&slots),
            sessions: slots.len() as i64,
            billed_hours: history.billed(from, to).iter().map(|billed| billed.hours_in(from, to)).sum(),
            hours_by_rule: chains.iter().map(|chain| chain.hours_in(from, to)).sum(),
            sessions_by_rule: chains.len() as i64,
        }
    }
}

/// Distinct hours by the clock that spans in order touch.
fn hours_touched(spans: &[Span]) -> i64 {
    let mut next = i64::MIN;
    spans
        .iter()
        .map(|span| {
            let first = span.start.div_euclid(HOUR).max(next);
            next = (span.end - 1).div_euclid(HOUR) + 1;
            (next - first).max(0)
        })
        .sum()
}

/// A month of an account's region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Month {
    account: String,
    region: String,
    month: String,
    now: String,
    workspaces: Vec<Line>,
    totals: Figures,
    /// Of those that `DescribeWorkspaces` still shows.
    totals_of_present: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<serde_json::Value>,
}

/// The month named `YYYY-MM`, as a range.
pub(crate) fn range(month: &str) -> Option<(i64, i64)> {
    let first = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    let from = first.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    Some((from, month_after(from)))
}

/// Counts a month; `None` when the text names none.
pub(crate) fn month(simulator: &Simulator, account: &str, region: &str, month: &str) -> Option<Month> {
    let (from, to) = range(month)?;
    let watch = simulator.watch(region);
    let cost = billing::ledger::region_cost(simulator, account, region, from);
    let fleet = simulator.fleet(account, region);
    let (mut totals, mut totals_of_present) = (Figures::default(), Figures::default());
    let workspaces = fleet
        .everyone()
        .filter_map(|desktop| {
            let history = fleet.history(desktop, &watch);
            let life = history.life();
            if life.created_at >= to.min(history.now) || life.terminated_at.is_some_and(|at| at <= from) {
                return None;
            }
            let figures = Figures::of(&history, from, to);
            totals.add(figures);
            if life.terminated_at.is_none() {
                totals_of_present.add(figures);
            }
            Some(Line {
                workspace_id: desktop.id.clone(),
                created_at: text(life.created_at),
                terminated_at: life.terminated_at.map(text),
                running_mode: RunningMode::as_str(desktop.running_mode),
                figures,
                cost: Some(billing::ledger::workspace_cost(&fleet, desktop, &watch, from)),
            })
        })
        .collect();
    Some(Month {
        account: account.to_owned(),
        region: region.to_owned(),
        month: month.to_owned(),
        now: text(watch.now_ms.div_euclid(1_000)),
        workspaces,
        totals,
        totals_of_present,
        cost: Some(cost),
    })
}

impl Simulator {
    /// What a month (`2026-01`) of an account's region really was, as `GET /_sim/ledger` gives it; `None` when the text
    /// names no month.
    pub fn ledger(&self, account: &str, region: &str, month: &str) -> Option<serde_json::Value> {
        serde_json::to_value(self::month(self, account, region, month)?).ok()
    }
}

fn text(at: i64) -> String {
    DateTime::from_timestamp(at, 0).map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_counted_once() {
        let span = |start: i64, end: i64| Span { start: start * 60, end: end * 60 };
        assert_eq!(hours_touched(&[]), 0);
        assert_eq!(hours_touched(&[span(5, 10)]), 1);
        assert_eq!(hours_touched(&[span(5, 60)]), 1);
        assert_eq!(hours_touched(&[span(5, 65)]), 2);
        assert_eq!(hours_touched(&[span(5, 10), span(20, 25), span(55, 65), span(110, 120)]), 2);
    }

    #[test]
    fn months_are_ranges() {
        assert_eq!(range("2026-02"), Some((1_769_904_000, 1_772_323_200)));
        assert_eq!(range("2025-12").map(|(from, to)| (to - from) / 86_400), Some(31));
        for bad in ["", "2026", "2026-13", "x"] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }
}
