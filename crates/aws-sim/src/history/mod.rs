//! What is true about a desktop over time: its life, its shape, when somebody was connected, when it ran, what was billed.
//!
//! A pure function of the desktop and the time of looking: nothing is stored but what was asked of the desktop
//! ([`record`]); the rest is drawn again from the person's habits, so a year of 50,000 desktops costs no memory.
//! CloudWatch's points, CloudTrail's events, Cost Explorer's sums and the ledger are all read from here, so that they
//! agree. It knows no protocol and no price. All times are Unix seconds, ranges half-open. To add a fact, add a method
//! to [`History`] that derives it from the others.

pub(crate) mod export;
pub(crate) mod ledger;
pub(crate) mod metrics;
pub(crate) mod record;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike as _, Months, NaiveDate};

pub(crate) use crate::fleet::habits::Session as Span;
use crate::fleet::{
    habits::Person,
    model::{Desktop, RunningMode},
    view::Watch,
};
use record::{Break, Why};

/// CloudWatch's grid for WorkSpaces, seconds.
pub(crate) const SLOT: i64 = 300;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// With a time-out of at most this, every desktop's hours have a rest within [`REST_WITHIN`]: nobody works all night.
const SHORT_TIMEOUT: i64 = 6 * HOUR;
const REST_WITHIN: i64 = 3 * DAY;

impl Span {
    /// What lies within a range, if anything does.
    pub(crate) fn clip(self, from: i64, to: i64) -> Option<Self> {
        let (start, end) = (self.start.max(from), self.end.min(to));
        (start < end).then_some(Self { start, end })
    }

    /// Length.
    pub(crate) fn seconds(self) -> i64 {
        self.end - self.start
    }
}

/// From when to when a desktop existed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) created_at: i64,
    /// When it was gone; `None` while it exists.
    pub(crate) terminated_at: Option<i64>,
}

/// What a desktop is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) running_mode: RunningMode,
    /// 0 unless AUTO_STOP.
    pub(crate) timeout_minutes: u32,
    pub(crate) compute: &'static str,
    pub(crate) root_gib: u32,
    pub(crate) user_gib: u32,
}

/// A time with one shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) shape: Shape,
}

/// Hours of an AUTO_STOP desktop in a row: from a connection through the time-out after the last disconnection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Billed {
    pub(crate) start: i64,
    /// With the time-out, cut at the end of the running mode, of the life, and now.
    pub(crate) end: i64,
    /// Hours begun.
    pub(crate) hours: i64,
}

impl Billed {
    fn new(span: Span) -> Self {
        Self {
            start: span.start,
            end: span.end,
            hours: span.seconds().div_euclid(HOUR) + i64::from(span.seconds() % HOUR != 0),
        }
    }

    /// The hours whose first second lies in a range, so that days add up to months and months to the whole.
    pub(crate) fn hours_in(&self, from: i64, to: i64) -> i64 {
        let begun_before = |at: i64| (at - self.start).max(0).saturating_add(HOUR - 1).div_euclid(HOUR).min(self.hours);
        (begun_before(to) - begun_before(from)).max(0)
    }
}

/// Looks at one desktop's past.
#[derive(Debug, Clone, Copy)]
pub(crate) struct History<'a> {
    desktop: &'a Desktop,
    person: Person,
    now: i64,
    /// The moment at which a fleet that is not alive stands still.
    still: Option<i64>,
}

impl<'a> History<'a> {
    pub(crate) fn new(desktop: &'a Desktop, watch: &Watch) -> Self {
        Self {
            desktop,
            person: Person::new(desktop.habit, desktop.seed, watch.zone_hours),
            now: watch.now_ms.div_euclid(1_000),
            still: (!watch.alive).then_some(watch.still_at),
        }
    }

    /// From when to when it existed; a termination under way is not over.
    pub(crate) fn life(&self) -> Life {
        let seconds = |ms: i64| ms.div_euclid(1_000);
        Life {
            created_at: seconds(self.desktop.created_ms),
            terminated_at: self.desktop.terminated_ms.map(seconds).filter(|at| *at <= self.now),
        }
    }

    /// Now, or the end of its life.
    fn horizon(&self) -> i64 {
        self.life().terminated_at.unwrap_or(self.now)
    }

    /// Its shapes as they were asked for, clipped to the range.
    pub(crate) fn periods(&self, from: i64, to: i64) -> Vec<Period> {
        clipped(self.all_periods(), from, to)
    }

    /// Its shapes as AWS bills them, clipped to the range: ALWAYS_ON stays until the month ends.
    pub(crate) fn billing_periods(&self, from: i64, to: i64) -> Vec<Period> {
        let mut billed: Vec<Period> = Vec::with_capacity(self.desktop.past.len() + 1);
        for mut period in self.all_periods() {
            let was_always_on = billed.last().is_some_and(|before| before.shape.running_mode == RunningMode::AlwaysOn);
            if was_always_on && period.shape.running_mode == RunningMode::AutoStop {
                let until = next_month(period.start).min(period.end);
                let shape = Shape { running_mode: RunningMode::AlwaysOn, timeout_minutes: 0, ..period.shape };
                billed.push(Period { start: period.start, end: until, shape });
                period.start = until;
            }
            if period.start < period.end {
                billed.push(period);
            }
        }
        clipped(billed, from, to)
    }

    fn all_periods(&self) -> Vec<Period> {
        let mut start = self.life().created_at;
        let mut periods = Vec::with_capacity(self.desktop.past.len() + 1);
        for past in &self.desktop.past {
            let end = past.until_ms.div_euclid(1_000).min(self.horizon());
            periods.push(Period { start, end, shape: past.shape });
            start = end;
        }
        periods.push(Period { start, end: self.horizon(), shape: self.desktop.shape() });
        periods.retain(|period| period.start < period.end);
        periods
    }

    /// Each change of its shape: when, before, after.
    pub(crate) fn changes(&self) -> Vec<(i64, Shape, Shape)> {
        let past = &self.desktop.past;
        let after = past.iter().skip(1).map(|past| past.shape).chain([self.desktop.shape()]);
        past.iter().zip(after).map(|(past, after)| (past.until_ms.div_euclid(1_000), past.shape, after)).collect()
    }

    /// Connections that overlap a range, in order, not clipped to it. One under way ends now.
    pub(crate) fn sessions(&self, from: i64, to: i64) -> Vec<Span> {
        let mut sessions = Vec::new();
        let end = self.horizon();
        for session in self.by_habit(from, to.min(end)) {
            if self.desktop.breaks.is_empty() {
                sessions.extend(session.clip(session.start, end));
            } else {
                sessions
                    .extend(self.without_breaks(session).into_iter().filter_map(|piece| piece.clip(piece.start, end)));
            }
        }
        if !self.desktop.breaks.is_empty() {
            sessions.retain(|session| session.end > from && session.start < to);
        }
        sessions
    }

    /// The connection under way at `at`, else the last one before it. One under way has the end it would have.
    pub(crate) fn last_session(&self, at: i64) -> Option<Span> {
        let created_at = self.life().created_at;
        let mut look = at;
        loop {
            let session = self.person.last_session(self.still.map_or(look, |still| look.min(still)))?;
            if session.start <= created_at {
                return None;
            }
            let piece = self.without_breaks(self.opened(session)).into_iter().rfind(|piece| piece.start <= at);
            if piece.is_some() {
                return piece;
            }
            let held = self.desktop.breaks.iter().map(Break::span).find(|held| held.start < look && look < held.end);
            look = held.map_or(session.start - 1, |held| held.start.min(session.start - 1));
        }
    }

    /// What the habits say, within the life.
    fn by_habit(&self, from: i64, to: i64) -> impl Iterator<Item = Span> + '_ {
        let created_at = self.life().created_at;
        let (first, last) = self.still.map_or((from, to), |still| (from.min(still), to.min(still + 1)));
        self.person
            .sessions(first.max(created_at), last)
            .map(|session| self.opened(session))
            .filter(move |session| session.start > created_at && session.end > from)
    }

    /// A connection under way when the fleet stands still never ends.
    fn opened(&self, session: Span) -> Span {
        match self.still {
            Some(still) if session.end > still => Span { end: i64::MAX, ..session },
            _ => session,
        }
    }

    fn without_breaks(&self, session: Span) -> Vec<Span> {
        subtract(vec![session], self.desktop.breaks.iter().map(Break::span))
    }

    /// The connections on CloudWatch's grid: each 5-minute slot in which somebody was connected, merged where they
    /// touch, not clipped to the range. Only slots that are over.
    pub(crate) fn slots(&self, from: i64, to: i64) -> Vec<Span> {
        let known = slot_floor(self.horizon_of_slots());
        let mut slots: Vec<Span> = Vec::new();
        for session in self.sessions(slot_floor(from), slot_ceil(to)) {
            let (start, end) = (slot_floor(session.start), slot_ceil(session.end).min(known));
            match slots.last_mut() {
                Some(before) if start <= before.end => before.end = before.end.max(end),
                _ if start < end => slots.push(Span { start, end }),
                _ => {}
            }
        }
        slots
    }

    /// The end of what CloudWatch knows: a terminated desktop's last slot counts as a whole.
    fn horizon_of_slots(&self) -> i64 {
        self.life().terminated_at.map_or(self.now, |at| slot_ceil(at).min(self.now))
    }

    /// Hours billed in the running mode AUTO_STOP that overlap a range, not clipped to it.
    pub(crate) fn billed(&self, from: i64, to: i64) -> Vec<Billed> {
        let mut billed = Vec::new();
        for period in self.billing_periods(i64::MIN, to) {
            if period.shape.running_mode != RunningMode::AutoStop || period.end <= from {
                continue;
            }
            let timeout = i64::from(period.shape.timeout_minutes) * 60;
            billed.extend(self.chains(from, to, timeout, Span { start: period.start, end: period.end }));
        }
        billed
    }

    /// Hours by the billing rule with a time-out, whatever the running mode, that begin within a time. They are counted
    /// from the connection's start, also when that lies before.
    pub(crate) fn chains(&self, from: i64, to: i64, timeout: i64, within: Span) -> Vec<Billed> {
        let reset = if timeout <= SHORT_TIMEOUT { from.saturating_sub(timeout + REST_WITHIN) } else { i64::MIN / 2 };
        let mut chains: Vec<Span> = Vec::new();
        for slot in self.slots(reset, to) {
            let Some(slot) = slot.clip(i64::MIN, within.end) else { continue };
            match chains.last_mut() {
                Some(chain) if slot.start < chain.end + timeout => chain.end = slot.end,
                _ => chains.push(slot),
            }
        }
        let first_hour = |start: i64| start + (within.start - start + HOUR - 1).max(0).div_euclid(HOUR) * HOUR;
        chains
            .into_iter()
            .map(|chain| Span { start: first_hour(chain.start), end: (chain.end + timeout).min(within.end) })
            .filter(|chain| chain.start < chain.end && chain.end > from && chain.start < to)
            .map(Billed::new)
            .collect()
    }

    /// When it was up, clipped to the range.
    pub(crate) fn running(&self, from: i64, to: i64) -> Vec<Span> {
        let mut running: Vec<Span> = Vec::new();
        for period in self.periods(from, to) {
            let within = |span: Span| span.clip(period.start, period.end);
            if period.shape.running_mode != RunningMode::AutoStop {
                running.extend(within(Span { start: period.start, end: period.end }));
                continue;
            }
            let timeout = i64::from(period.shape.timeout_minutes) * 60;
            let used = self.sessions(period.start - timeout, period.end);
            let woken = self.desktop.wakes.iter().map(|ms| ms.div_euclid(1_000)).map(|at| Span { start: at, end: at });
            let mut up: Vec<Span> =
                used.into_iter().chain(woken).map(|span| self.with_timeout(span, timeout)).collect();
            up.sort_by_key(|span| span.start);
            for span in up.into_iter().filter_map(within) {
                match running.last_mut() {
                    Some(before) if span.start <= before.end => before.end = before.end.max(span.end),
                    _ => running.push(span),
                }
            }
        }
        subtract(running, self.desktop.breaks.iter().map(Break::span))
    }

    fn with_timeout(&self, span: Span, timeout: i64) -> Span {
        let end = span.end.saturating_add(timeout);
        match self.still {
            // It stands still while it waits for its time-out, too.
            Some(still) if end > still => Span { end: i64::MAX, ..span },
            _ => Span { end, ..span },
        }
    }

    /// Times in which something other than the person decided, with the reason, that overlap a range.
    pub(crate) fn breaks(&self, from: i64, to: i64) -> impl Iterator<Item = (Span, Why)> + '_ {
        let within = move |span: &Span| span.end > from && span.start < to;
        self.desktop.breaks.iter().map(|held| (held.span(), held.why)).filter(move |(span, _)| within(span))
    }
}

fn clipped(periods: Vec<Period>, from: i64, to: i64) -> Vec<Period> {
    let clip = |period: Period| {
        let span = Span { start: period.start, end: period.end }.clip(from, to)?;
        Some(Period { start: span.start, end: span.end, ..period })
    };
    periods.into_iter().filter_map(clip).collect()
}

/// What is left of spans without others.
fn subtract(mut spans: Vec<Span>, others: impl Iterator<Item = Span>) -> Vec<Span> {
    for other in others.filter(|other| other.start < other.end) {
        if !spans.iter().any(|span| span.start < other.end && other.start < span.end) {
            continue;
        }
        spans = spans
            .into_iter()
            .flat_map(|span| [span.clip(span.start, other.start), span.clip(other.end, span.end)])
            .flatten()
            .collect();
        spans.dedup();
    }
    spans
}

/// The start of the slot.
pub(crate) fn slot_floor(at: i64) -> i64 {
    at.div_euclid(SLOT).saturating_mul(SLOT)
}

/// The end of the slot, unless it begins just then.
pub(crate) fn slot_ceil(at: i64) -> i64 {
    slot_floor(at.saturating_add(SLOT - 1))
}

/// The 1st of the next month, 00:00 UTC; the time itself when it is one.
pub(crate) fn next_month(at: i64) -> i64 {
    let this = month_start(at);
    if this == at { at } else { month_after(this) }
}

/// The 1st of the month, 00:00 UTC.
pub(crate) fn month_start(at: i64) -> i64 {
    date(at).and_then(|date| date.with_day(1)).map_or(at, seconds)
}

/// The 1st of the month after.
pub(crate) fn month_after(at: i64) -> i64 {
    date(month_start(at)).and_then(|date| date.checked_add_months(Months::new(1))).map_or(at, seconds)
}

fn date(at: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp(at, 0).map(|at| at.date_naive())
}

fn seconds(date: NaiveDate) -> i64 {
    date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}
