//! From the points of CloudWatch's `UserConnected` to intervals of connected time.
//!
//! A point says something of the period that begins at its timestamp: connected from the value 1 up, idle at 0. What can't
//! be used is counted by reason and left out, so that one bad point never spoils an answer. Points may come in any order;
//! ascending and descending ones (CloudWatch's default) take one pass and no sorting. It is not the place for merging with
//! what is known ([`super::intervals::replace_window`]).

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::ConnectedInterval;

/// How fine the points are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resolution {
    /// 300 s: CloudWatch keeps it 63 days.
    FiveMinutes,
    /// 3,600 s: CloudWatch keeps it 455 days.
    Hour,
}

impl Resolution {
    /// The period, seconds.
    #[must_use]
    pub const fn secs(self) -> i64 {
        match self {
            Self::FiveMinutes => 300,
            Self::Hour => 3_600,
        }
    }

    /// The resolution of a period in seconds; `None` for another period.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Option<Self> {
        match secs {
            300 => Some(Self::FiveMinutes),
            3_600 => Some(Self::Hour),
            _ => None,
        }
    }
}

/// What was asked of CloudWatch: a span of time on the grid of a resolution, half-open, Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: i64,
    to: i64,
    resolution: Resolution,
}

impl Window {
    /// The whole periods that `[from, to)` touches; `None` when that is no time, or beyond the times that can be written.
    #[must_use]
    pub fn new(from: i64, to: i64, resolution: Resolution) -> Option<Self> {
        let period = resolution.secs();
        let from = from.checked_sub(from.rem_euclid(period))?;
        let to = to.checked_add((period - to.rem_euclid(period)) % period)?;
        (from < to).then_some(Self { from, to, resolution })
    }

    /// The first second, on the grid.
    #[must_use]
    pub const fn from(&self) -> i64 {
        self.from
    }

    /// The first second after it, on the grid.
    #[must_use]
    pub const fn to(&self) -> i64 {
        self.to
    }

    /// How fine.
    #[must_use]
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// How many points there can be.
    #[must_use]
    pub const fn slots(&self) -> i64 {
        (self.to - self.from) / self.resolution.secs()
    }
}

/// What became of the points. Every point read is in exactly one of the other counts but `moved`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PointReport {
    /// Points the answer had.
    pub read: u64,
    /// Periods in which somebody was connected.
    pub connected: u64,
    /// Periods in which nobody was.
    pub idle: u64,
    /// Further points of a period that had one: the highest value counts.
    pub duplicate: u64,
    /// Skipped: of a time that was not asked for, as when a clock jumped.
    pub outside: u64,
    /// Skipped: not a number, or infinite.
    pub not_finite: u64,
    /// Skipped: below zero.
    pub negative: u64,
    /// Skipped: between 0 and 1, which no Maximum of this metric is.
    pub fractional: u64,
    /// Skipped: a timestamp without a value or a value without a timestamp.
    pub unpaired: u64,
    /// Of those used, the ones off the grid, which were taken for the period they fall into.
    pub moved: u64,
}

impl PointReport {
    /// How many points could not be used.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.reasons().map(|(_, count)| count).sum()
    }

    /// Why points were skipped: a stable code and how many, only those that occurred.
    pub fn reasons(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        [
            ("point_outside_window", self.outside),
            ("point_not_finite", self.not_finite),
            ("point_negative", self.negative),
            ("point_fractional", self.fractional),
            ("point_unpaired", self.unpaired),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
    }
}

impl AddAssign for PointReport {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.connected += other.connected;
        self.idle += other.idle;
        self.duplicate += other.duplicate;
        self.outside += other.outside;
        self.not_finite += other.not_finite;
        self.negative += other.negative;
        self.fractional += other.fractional;
        self.unpaired += other.unpaired;
        self.moved += other.moved;
    }
}

/// What a run of points says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PointRun {
    /// Connected time: sorted, disjoint, apart, inside the window, on the grid.
    pub intervals: Vec<ConnectedInterval>,
    /// What became of the points.
    pub report: PointReport,
    /// The beginning of the first period of the window of which a point came that can't be used, Unix seconds: what was so
    /// then is not clear.
    pub first_unclear: Option<i64>,
}

/// Reads the points of one WorkSpace for one window. `timestamps` are Unix seconds, `values` those at the same places.
#[must_use]
pub fn connected_intervals(timestamps: &[i64], values: &[f64], window: &Window) -> PointRun {
    // A period known when compiling makes the division per point a multiplication.
    match window.resolution {
        Resolution::FiveMinutes => run::<300>(timestamps, values, window),
        Resolution::Hour => run::<3_600>(timestamps, values, window),
    }
}

fn run<const PERIOD: i64>(timestamps: &[i64], values: &[f64], window: &Window) -> PointRun {
    let paired = timestamps.len().min(values.len());
    let read = timestamps.len().max(values.len());
    let (timestamps, without_value) = timestamps.split_at(paired);
    let values = &values[..paired];
    let mut builder = Builder::<PERIOD>::new(*window);
    let points = timestamps.iter().copied().zip(values.iter().copied());
    if timestamps.is_sorted() {
        points.for_each(|(at, value)| builder.point(at, value));
    } else if timestamps.is_sorted_by(|earlier, later| earlier >= later) {
        points.rev().for_each(|(at, value)| builder.point(at, value));
    } else {
        let mut sorted: Vec<(i64, f64)> = points.collect();
        sorted.sort_unstable_by_key(|(at, _)| *at);
        sorted.into_iter().for_each(|(at, value)| builder.point(at, value));
    }
    builder.close();
    without_value.iter().filter(|at| (window.from..window.to).contains(*at)).for_each(|at| builder.unclear(*at));
    builder.report.read = read as u64;
    builder.report.unpaired = (read - paired) as u64;
    PointRun { intervals: builder.intervals, report: builder.report, first_unclear: builder.first_unclear }
}

/// Takes points in ascending order of time.
struct Builder<const PERIOD: i64> {
    window: Window,
    intervals: Vec<ConnectedInterval>,
    report: PointReport,
    /// The period being read; [`i64::MIN`], which is before every window, for none yet.
    slot: i64,
    slot_connected: bool,
    first_unclear: Option<i64>,
}

impl<const PERIOD: i64> Builder<PERIOD> {
    fn new(window: Window) -> Self {
        let (intervals, report) = (Vec::new(), PointReport::default());
        Self { window, intervals, report, slot: i64::MIN, slot_connected: false, first_unclear: None }
    }

    #[inline]
    fn point(&mut self, at: i64, value: f64) {
        if at < self.window.from || at >= self.window.to {
            self.report.outside += 1;
            return;
        }
        let connected = (1.0..f64::INFINITY).contains(&value);
        if !connected && value != 0.0 {
            return self.odd(at, value);
        }
        let off = at.rem_euclid(PERIOD);
        self.report.moved += u64::from(off != 0);
        let slot = at - off;
        if slot == self.slot {
            self.report.duplicate += 1;
            self.slot_connected |= connected;
            return;
        }
        self.close();
        self.slot = slot;
        self.slot_connected = connected;
    }

    #[cold]
    fn odd(&mut self, at: i64, value: f64) {
        self.unclear(at);
        let count = if !value.is_finite() {
            &mut self.report.not_finite
        } else if value < 0.0 {
            &mut self.report.negative
        } else {
            &mut self.report.fractional
        };
        *count += 1;
    }

    #[cold]
    fn unclear(&mut self, at: i64) {
        let slot = at - at.rem_euclid(PERIOD);
        self.first_unclear = Some(self.first_unclear.map_or(slot, |first| first.min(slot)));
    }

    /// Ends the period being read.
    #[inline]
    fn close(&mut self) {
        if self.slot == i64::MIN {
            return;
        }
        if !self.slot_connected {
            self.report.idle += 1;
            return;
        }
        self.report.connected += 1;
        match self.intervals.last_mut() {
            Some(last) if last.end == self.slot => last.end += PERIOD,
            _ => self.intervals.push(ConnectedInterval { start: self.slot, end: self.slot + PERIOD }),
        }
    }
}

#[cfg(test)]
mod tests;
