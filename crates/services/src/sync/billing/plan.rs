//! What is asked of Cost Explorer: which days may still change or are not known, in which windows they are read, and what may
//! be said to be known after each. Pure.
//!
//! A day is settled when Cost Explorer did not call it estimated and its month was over for [`SETTLING`] when it was read.
//! AWS issues the bill of a month within the first five to seven days of the next one, and may change the days of the month
//! until then (credits, rounding over the month, late usage), whatever the flag of a single day says.
//! Cost Explorer keeps the current month and the 13 before it by day (user guide, "Exploring more data").

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Duration, DurationRound as _, Months, NaiveDate, NaiveTime, Utc};
use domain::cloud::{CostGrouping, CostRequest};
use domain::sync::Gap;
use serde::{Deserialize, Serialize};
use store::repo::data_sets::DataSetRecord;

use super::super::coverage::{Span, Spans};
use super::super::planned::Planned;
use super::super::run::Covered;

/// So long after its end a month may still change.
const SETTLING: Duration = Duration::days(7);
/// Whole months that Cost Explorer keeps beside the current one.
const KEPT_MONTHS: u32 = 13;
/// Months of a window at most: one page or few for each grouping, and a first read of 14 months is five windows.
const WINDOW_MONTHS: u32 = 3;
/// What is known of a later moment than this was written by a clock that was ahead.
const SKEW: Duration = Duration::minutes(15);

const LOST: &str = "nothing was read for so long that Cost Explorer no longer has it: it keeps 13 months";
const NOT_YET: &str = "not read yet";

/// How costs are grouped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    UsageType,
    Tag(String),
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UsageType => f.write_str("by usage type"),
            Self::Tag(key) => write!(f, "by tag {key}"),
        }
    }
}

/// Days that are read together, once for each grouping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    from: NaiveDate,
    /// Not included.
    to: NaiveDate,
    /// What is left to read.
    left: Vec<By>,
    /// Why a grouping of it can't be had in this run.
    failed: Option<String>,
    /// Attempts that broke off at the grouping that is first now.
    tries: u32,
}

/// What the rows that are kept tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// The first day that may still change.
    pub(super) open: Option<NaiveDate>,
    /// The days that cost something.
    pub(super) days: BTreeSet<NaiveDate>,
    /// Tags by which costs were read.
    pub(super) tags: BTreeSet<String>,
}

/// What a run reads, and what it has read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The moment of reading.
    to: DateTime<Utc>,
    /// Not read yet, the oldest first; the last is next.
    windows: Vec<Window>,
    known: Spans,
    /// Why what is missing is missing, as earlier runs found.
    told: Vec<Gap>,
    /// Why what this run did not get is missing.
    failed: Vec<Gap>,
    took_back: bool,
}

/// The first day that is wanted: so many whole months before the current one.
pub(super) fn wanted_from(now: DateTime<Utc>, months: u32) -> NaiveDate {
    first_of(now.date_naive()) - Months::new(months.min(KEPT_MONTHS))
}

/// The first day that is not settled for somebody who reads at that moment.
pub(super) fn open_from(read_at: DateTime<Utc>) -> NaiveDate {
    first_of((read_at - SETTLING).date_naive())
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

impl Plan {
    /// What to read now that so much is known.
    pub(super) fn new(record: &DataSetRecord, kept: &Kept, now: DateTime<Utc>, months: u32, tags: &[String]) -> Self {
        let to = now.duration_trunc(Duration::seconds(1)).unwrap_or(now);
        let whole = Span::new(midnight(wanted_from(to, months)), midnight(day_after(to.date_naive())));
        let mut known = Spans::known(record);
        let took_back = known.hull().is_some_and(|hull| hull.to > to + SKEW);
        // When the clock began to be ahead nobody knows: what looked settled to it may not have been.
        known.remove(Span::new(if took_back { whole.from } else { to }, DateTime::<Utc>::MAX_UTC));
        // Each piece that is known may end at the moment when it was read.
        let before = |span: Span| {
            let open = open_from(span.to);
            Span::new(span.from, midnight(kept.open.map_or(open, |kept| kept.min(open))))
        };
        let settled: Spans = known.iter().map(before).collect::<Spans>().clip(whole);
        let base = settled.missing(whole);
        // A tag that was never read, although there is something to read.
        let costly = |span: Span| {
            kept.days.iter().any(|day| span.overlaps(Span::new(midnight(*day), midnight(day_after(*day)))))
        };
        let past: Spans = settled.iter().filter(|span| costly(*span)).collect();
        let new: Vec<&String> = tags.iter().filter(|key| !kept.tags.contains(*key)).collect();
        let mut work = base.clone();
        if !new.is_empty() {
            for span in past.iter() {
                known.remove(span);
                work.add(span);
            }
        }
        let mut windows: Vec<Window> = work.iter().flat_map(windows).collect();
        for window in &mut windows {
            let span = Span::new(midnight(window.from), midnight(window.to));
            let all = base.iter().any(|piece| piece.overlaps(span));
            let tags = tags.iter().filter(|key| all || new.contains(key)).cloned().map(By::Tag);
            window.left = all.then_some(By::UsageType).into_iter().chain(tags).collect();
        }
        Self { to, windows, known, told: record.gaps.clone(), failed: Vec::new(), took_back }
    }

    /// Whether more was said to be known than can be: a clock was ahead.
    pub(super) fn took_back(&self) -> bool {
        self.took_back
    }

    /// The moment of reading.
    pub(super) fn read_at(&self) -> DateTime<Utc> {
        self.to
    }

    /// The next question, of the newest window that is left. `None` at the end.
    pub(super) fn next(&mut self) -> Option<(CostRequest, By)> {
        while self.windows.last()?.left.is_empty() {
            self.close();
        }
        let window = self.windows.last()?;
        let by = window.left.first()?.clone();
        let grouping = match &by {
            By::UsageType => CostGrouping::UsageType,
            By::Tag(key) => CostGrouping::Tag(key.clone()),
        };
        Some((CostRequest { from: window.from, to: window.to, grouping }, by))
    }

    /// The question was answered, and the answer is written. With its last grouping a window is known.
    pub(super) fn answered(&mut self) {
        self.step(None);
    }

    /// The question can't be answered in this run.
    pub(super) fn unanswered(&mut self, reason: &str) {
        self.step(Some(reason));
    }

    /// An attempt broke off at the question. Gives how many have.
    pub(super) fn broke_off(&mut self) -> u32 {
        self.windows.last_mut().map_or(0, |window| {
            window.tries += 1;
            window.tries
        })
    }

    /// No question can be answered in this run.
    pub(super) fn all_unanswered(&mut self, reason: &str) {
        for window in &mut self.windows {
            window.left.clear();
            window.failed.get_or_insert_with(|| reason.to_owned());
        }
        while !self.windows.is_empty() {
            self.close();
        }
    }

    fn step(&mut self, failed: Option<&str>) {
        if let Some(window) = self.windows.last_mut() {
            if !window.left.is_empty() {
                let by = window.left.remove(0);
                window.tries = 0;
                if let Some(reason) = failed {
                    window.failed.get_or_insert_with(|| format!("{by}: {reason}"));
                }
            }
            if window.left.is_empty() {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        let Some(window) = self.windows.pop() else { return };
        let span = Span::new(midnight(window.from), midnight(window.to).min(self.to));
        match window.failed {
            None => self.known.add(span),
            Some(reason) => self.failed.push(Gap { from: span.from, to: span.to, reason }),
        }
    }
}

impl Planned for Plan {
    fn ahead_of(&self, now: DateTime<Utc>) -> bool {
        self.to > now + SKEW
    }

    fn covered(&self) -> Option<Covered> {
        let kept_from = midnight(wanted_from(self.to, KEPT_MONTHS));
        let lost = Gap { from: DateTime::<Utc>::MIN_UTC, to: kept_from, reason: LOST.to_owned() };
        let told: Vec<Gap> = [lost].into_iter().chain(self.failed.iter().chain(&self.told).cloned()).collect();
        let covered = self.known.covered(&told, NOT_YET);
        // What was said to be known of the future must not stay, even before anything was read again.
        covered.or_else(|| self.took_back.then(|| Covered { from: kept_from, to: kept_from, gaps: Vec::new() }))
    }
}

/// Whole days of a piece, cut where a month begins.
fn windows(span: Span) -> Vec<Window> {
    let first = span.from.date_naive();
    let mut to = (span.to + Duration::days(1) - Duration::microseconds(1)).date_naive();
    let mut windows = Vec::new();
    while to > first {
        let last = to.pred_opt().unwrap_or(to);
        let from = (first_of(last) - Months::new(WINDOW_MONTHS - 1)).max(first);
        windows.push(Window { from, to, left: Vec::new(), failed: None, tries: 0 });
        to = from;
    }
    windows.reverse();
    windows
}
