//! Days of usage: which hours of a UTC day somebody was connected in, for how long and how often.
//!
//! It is not the place for the reader's time zone ([`super::zone`]) nor for billable hours ([`super::billable`]).

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{ConnectedInterval, intervals};

const DAY_SECS: i64 = 86_400;
const HOUR_SECS: i64 = 3_600;

/// The hours of a UTC day in which somebody was connected: bit h stands for the hour that begins at h:00 UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct HourMask(u32);

/// The bits are not those of 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an hour mask has 24 bits, not {0:#x}")]
pub struct NotAnHourMask(pub u32);

impl HourMask {
    /// No hour.
    pub const EMPTY: Self = Self(0);
    /// All 24 hours.
    pub const FULL: Self = Self((1 << 24) - 1);

    /// The mask with these bits; `None` when one beyond the 24th is set.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Option<Self> {
        if bits <= Self::FULL.0 { Some(Self(bits)) } else { None }
    }

    /// One hour, 0 to 23; empty for another.
    #[must_use]
    pub const fn of_hour(hour: u32) -> Self {
        if hour < 24 { Self(1 << hour) } else { Self::EMPTY }
    }

    /// The hours from `first` to `last`, both included; hours beyond 23 are left out.
    #[must_use]
    pub fn of_range(first: u32, last: u32) -> Self {
        (first..=last.min(23)).fold(Self::EMPTY, |mask, hour| mask.union(Self::of_hour(hour)))
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the hour is in it.
    #[must_use]
    pub const fn contains(self, hour: u32) -> bool {
        hour < 24 && self.0 >> hour & 1 == 1
    }

    /// Its hours, in order.
    pub fn hours(self) -> impl Iterator<Item = u32> {
        (0..24).filter(move |hour| self.contains(*hour))
    }

    /// How many hours.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there is no hour in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The hours in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl TryFrom<u32> for HourMask {
    type Error = NotAnHourMask;

    fn try_from(bits: u32) -> Result<Self, NotAnHourMask> {
        Self::from_bits(bits).ok_or(NotAnHourMask(bits))
    }
}

impl From<HourMask> for u32 {
    fn from(mask: HourMask) -> Self {
        mask.0
    }
}

impl fmt::Display for HourMask {
    /// 24 signs from 0:00 on: `#` for a connected hour, `.` for another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..24).try_for_each(|hour| f.write_str(if self.contains(hour) { "#" } else { "." }))
    }
}

/// One WorkSpace's connected time on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageDay {
    /// The UTC day.
    pub day: NaiveDate,
    /// The hours that were touched, if only by a minute.
    pub hour_mask: HourMask,
    /// Connected time, whole minutes, at most 1,440.
    pub connected_minutes: u32,
    /// Intervals that began on this day; one that runs over midnight counts on the day it began.
    pub sessions: u32,
    /// The first connected moment of the day.
    pub first_at: DateTime<Utc>,
    /// The end of the last connected time of the day; midnight when it goes on.
    pub last_at: DateTime<Utc>,
}

/// The days that were touched, in order. Overlapping intervals count once.
#[must_use]
pub fn usage_days(pieces: &[ConnectedInterval]) -> Vec<UsageDay> {
    let joined;
    let pieces = if intervals::is_normal(pieces) {
        pieces
    } else {
        joined = intervals::normalise(pieces.to_vec());
        &joined
    };
    let mut days: Vec<Day> = Vec::new();
    for piece in pieces {
        let mut start = piece.start;
        while start < piece.end {
            let day = start.div_euclid(DAY_SECS);
            let Some(midnight) = day.checked_add(1).and_then(|next| next.checked_mul(DAY_SECS)) else { break };
            let end = piece.end.min(midnight);
            if days.last().is_none_or(|last| last.number != day) {
                days.push(Day::new(day, start));
            }
            if let Some(last) = days.last_mut() {
                last.add(start, end, start == piece.start);
            }
            start = end;
        }
    }
    days.into_iter().filter_map(Day::finish).collect()
}

/// As [`usage_days`], only the days from `from` up to but not including `to`. The intervals may reach beyond: one that
/// began before `from` counts its time there, and no session.
#[must_use]
pub fn usage_days_between(pieces: &[ConnectedInterval], from: NaiveDate, to: NaiveDate) -> Vec<UsageDay> {
    let (start, end) = (day_start(from), day_start(to));
    let near: Vec<_> = pieces.iter().filter(|piece| piece.end > start && piece.start < end).copied().collect();
    usage_days(&near).into_iter().filter(|day| from <= day.day && day.day < to).collect()
}

/// 00:00 UTC of a day, Unix seconds.
#[must_use]
pub fn day_start(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// The UTC day of a moment; `None` beyond the days that can be written.
#[must_use]
pub fn day_of(at: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp(at, 0).map(|at| at.date_naive())
}

/// A day being summed up.
struct Day {
    number: i64,
    mask: HourMask,
    secs: i64,
    sessions: u32,
    first: i64,
    last: i64,
}

impl Day {
    fn new(number: i64, first: i64) -> Self {
        Self { number, mask: HourMask::EMPTY, secs: 0, sessions: 0, first, last: first }
    }

    /// Adds time of this day, with `start < end`.
    fn add(&mut self, start: i64, end: i64, begins: bool) {
        let hour = |at: i64| u32::try_from(at.rem_euclid(DAY_SECS) / HOUR_SECS).unwrap_or(23);
        self.mask = self.mask.union(HourMask::of_range(hour(start), hour(end - 1)));
        self.secs += end - start;
        self.sessions += u32::from(begins);
        self.last = end;
    }

    fn finish(self) -> Option<UsageDay> {
        Some(UsageDay {
            day: day_of(self.first)?,
            hour_mask: self.mask,
            connected_minutes: u32::try_from(self.secs / 60).unwrap_or(1_440),
            sessions: self.sessions,
            first_at: DateTime::from_timestamp(self.first, 0)?,
            last_at: DateTime::from_timestamp(self.last, 0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::usage::arbitrary::{BASE, intervals as some_intervals};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn secs(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().unwrap().timestamp()
    }

    fn piece(start: &str, end: &str) -> ConnectedInterval {
        ConnectedInterval { start: secs(start), end: secs(end) }
    }

    #[test]
    fn a_night_over_a_leap_days_end_is_split_at_midnight() {
        let days = usage_days(&[piece("2024-02-29T22:30:00Z", "2024-03-01T01:00:00Z")]);
        assert_eq!(days.len(), 2);
        assert_eq!((days[0].day, days[0].hour_mask.bits()), (date("2024-02-29"), 1 << 22 | 1 << 23));
        assert_eq!((days[0].connected_minutes, days[0].sessions), (90, 1));
        assert_eq!(days[0].last_at, date("2024-03-01").and_time(chrono::NaiveTime::MIN).and_utc());
        assert_eq!((days[1].day, days[1].hour_mask.bits()), (date("2024-03-01"), 1), "1:00 itself is not touched");
        assert_eq!((days[1].connected_minutes, days[1].sessions), (60, 0));
    }

    #[test]
    fn a_week_without_pause_is_seven_full_days() {
        let days = usage_days(&[piece("2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z")]);
        assert_eq!(days.len(), 7);
        assert!(days.iter().all(|day| day.hour_mask == HourMask::FULL && day.connected_minutes == 1_440));
        assert_eq!(days.iter().map(|day| day.sessions).sum::<u32>(), 1);
    }

    #[test]
    fn between_two_days_only_those_and_no_session_that_began_before() {
        let all = [
            piece("2026-10-31T23:00:00Z", "2026-11-01T01:00:00Z"),
            piece("2026-11-01T05:00:00Z", "2026-11-03T00:00:00Z"),
        ];
        let days = usage_days_between(&all, date("2026-11-01"), date("2026-11-02"));
        assert_eq!(days.len(), 1);
        assert_eq!((days[0].sessions, days[0].connected_minutes), (1, 20 * 60));
        assert_eq!(usage_days_between(&all, date("2026-11-02"), date("2026-11-01")), []);
    }

    #[test]
    fn a_mask_has_24_bits() {
        assert_eq!(HourMask::from_bits(1 << 24), None);
        assert_eq!(HourMask::of_hour(24), HourMask::EMPTY);
        assert_eq!(serde_json::from_str::<HourMask>("16777215").unwrap(), HourMask::FULL);
        assert!(serde_json::from_str::<HourMask>("16777216").is_err());
        assert_eq!(HourMask::of_range(22, 30).to_string(), "......................##");
    }

    #[test]
    fn times_beyond_the_calendar_are_left_out() {
        let far = [ConnectedInterval { start: i64::MAX - 10, end: i64::MAX }];
        assert_eq!(usage_days(&far), []);
    }

    proptest! {
        #[test]
        fn bits_are_the_hours_touched_and_minutes_are_kept(pieces in some_intervals(300, 12)) {
            let days = usage_days(&pieces);
            let mut hours = BTreeSet::new();
            let mut minutes = BTreeMap::<NaiveDate, u32>::new();
            let mut at = BASE;
            let joined = intervals::normalise(pieces.clone());
            // The slow way, slot by slot.
            while at < BASE + 60 * DAY_SECS {
                if joined.iter().any(|piece| piece.start <= at && at < piece.end) {
                    hours.insert(at.div_euclid(HOUR_SECS));
                    *minutes.entry(day_of(at).unwrap()).or_default() += 5;
                }
                at += 300;
            }
            let found: BTreeSet<_> = days.iter()
                .flat_map(|day| day.hour_mask.hours().map(|hour| day_start(day.day) / HOUR_SECS + i64::from(hour)))
                .collect();
            prop_assert_eq!(found, hours);
            prop_assert_eq!(days.iter().map(|day| (day.day, day.connected_minutes)).collect::<BTreeMap<_, _>>(), minutes);
            prop_assert_eq!(days.iter().map(|day| day.sessions as usize).sum::<usize>(), joined.len());
            for day in &days {
                prop_assert!(day.connected_minutes <= day.hour_mask.count() * 60);
                prop_assert!(day.first_at < day.last_at);
                prop_assert!(day.first_at.timestamp() >= day_start(day.day));
                prop_assert!(day.last_at.timestamp() <= day_start(day.day) + DAY_SECS);
            }
        }

        #[test]
        fn days_do_not_depend_on_order_or_repetition(pieces in some_intervals(300, 12).prop_shuffle()) {
            let days = usage_days(&pieces);
            prop_assert_eq!(&usage_days(&intervals::normalise(pieces.clone())), &days);
            prop_assert_eq!(&usage_days(&[pieces.clone(), pieces].concat()), &days);
        }

        #[test]
        fn two_halves_make_the_whole(pieces in some_intervals(300, 12), cut in 0u64..40) {
            let (from, to) = (day_of(BASE).unwrap(), day_of(BASE + 60 * DAY_SECS).unwrap());
            let middle = from + chrono::Days::new(cut);
            let mut halves = usage_days_between(&pieces, from, middle);
            halves.extend(usage_days_between(&pieces, middle, to));
            prop_assert_eq!(halves, usage_days(&pieces));
        }

        #[test]
        fn masks_unite_in_any_order_and_once(a in 0u32..1 << 24, b in 0u32..1 << 24, c in 0u32..1 << 24) {
            let [a, b, c] = [a, b, c].map(|bits| HourMask::from_bits(bits).unwrap());
            prop_assert_eq!(a.union(b), b.union(a));
            prop_assert_eq!(a.union(b).union(c), a.union(b.union(c)));
            prop_assert_eq!(a.union(b).union(b), a.union(b));
            prop_assert_eq!(a.hours().count(), a.count() as usize);
        }
    }
}
