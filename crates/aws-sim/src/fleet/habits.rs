//! When a person is connected: a pure function of the person's seed, the habit, the time zone and the time.
//!
//! It knows no desktop states. To add a habit, add it to `model::Habit`, to the weights in `generate.rs`, and say here
//! which spans of a day it makes.

use super::model::Habit;
use crate::rng::{Rng, mix};

const DAY: i64 = 86_400;
/// How far back a last connection is looked for.
const LOOK_BACK_DAYS: i64 = 62;

/// One connection, Unix seconds, `end` not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// Hours east of Greenwich where the people of a region work (winter time all year).
pub(crate) fn zone_hours(region: &str) -> i64 {
    match region {
        "us-east-1" | "us-east-2" | "ca-central-1" => -5,
        "us-west-1" | "us-west-2" => -8,
        "sa-east-1" => -3,
        "eu-west-1" | "eu-west-2" => 0,
        "ap-south-1" => 5,
        "ap-southeast-1" => 8,
        "ap-northeast-1" | "ap-northeast-2" => 9,
        "ap-southeast-2" => 10,
        _ => 1,
    }
}

/// One person, with what stays the same from day to day drawn once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    habit: Habit,
    seed: u64,
    zone_seconds: i64,
    shift_start: i64,
    first_day_off: i64,
    lunch_away: bool,
    offset: i64,
}

impl Person {
    pub(crate) fn new(habit: Habit, seed: u64, zone_hours: i64) -> Self {
        let mut person = Rng::from_parts(seed, "habit");
        Self {
            habit,
            seed,
            zone_seconds: zone_hours * 3_600,
            shift_start: [6 * 60, 14 * 60, 22 * 60][person.below(3) as usize],
            first_day_off: person.below(7) as i64,
            lunch_away: person.chance(350),
            offset: person.below(90) as i64,
        }
    }

    /// The session under way at `at` (Unix seconds), else the last one before it.
    pub(crate) fn last_session(&self, at: i64) -> Option<Session> {
        if self.habit == Habit::Never {
            return None;
        }
        let today = self.day_of(at);
        (0..LOOK_BACK_DAYS).find_map(|back| {
            self.sessions_of(today - back).into_iter().rev().flatten().find(|session| session.start <= at)
        })
    }

    /// The first session that begins after `at` and no later than `until`.
    pub(crate) fn next_session(&self, at: i64, until: i64) -> Option<Session> {
        self.sessions(at, until + 1).find(|session| session.start > at)
    }

    /// All sessions that overlap a time, in order.
    pub(crate) fn sessions(self, from: i64, to: i64) -> impl Iterator<Item = Session> {
        let days = if self.habit == Habit::Never || from >= to {
            0..0
        } else {
            // What began the day before may still go on.
            self.day_of(from) - 1..self.day_of(to) + 1
        };
        days.flat_map(move |day| self.sessions_of(day).into_iter().flatten())
            .filter(move |session| session.end > from && session.start < to)
    }

    /// The local day, counted from 1970.
    fn day_of(&self, at: i64) -> i64 {
        (at + self.zone_seconds).div_euclid(DAY)
    }

    fn sessions_of(&self, day: i64) -> [Option<Session>; 2] {
        let midnight = day * DAY - self.zone_seconds;
        self.spans_of_day(day)
            .map(|span| span.map(|(from, to)| Session { start: midnight + from * 60, end: midnight + to * 60 }))
    }

    /// Spans in minutes after local midnight, in order; a span may end on the next day but never reaches the next span.
    fn spans_of_day(&self, day: i64) -> [Option<(i64, i64)>; 2] {
        // Day 0 of Unix time was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        let working_day = weekday < 5;
        let Self { shift_start, first_day_off, lunch_away, offset, .. } = *self;
        let mut today = Rng::from_parts(mix(self.seed ^ mix(day as u64)), "day");
        let jitter = today.below(31) as i64 - 15;
        let present = today.chance(920);
        let longer = today.below(60) as i64;

        let one = |start: i64, length: i64| [Some((start, start + length)), None];
        match self.habit {
            Habit::Office if working_day && present => {
                let start = 7 * 60 + 50 + offset + jitter;
                let end = start + 8 * 60 + 20 + longer;
                if lunch_away {
                    let noon = 12 * 60 + jitter;
                    [Some((start, noon)), Some((noon + 75, end))]
                } else {
                    [Some((start, end)), None]
                }
            }
            Habit::EarlyBird if working_day && present => one(5 * 60 + 45 + offset / 2 + jitter, 8 * 60 + longer),
            Habit::NightOwl if (working_day || longer < 20) && present => {
                one(18 * 60 + 30 + offset + jitter, 5 * 60 + longer * 2)
            }
            Habit::PartTime if working_day && (weekday + first_day_off) % 5 < 3 && present => {
                one(8 * 60 + 30 + offset + jitter, 5 * 60 + longer)
            }
            Habit::Shift if (weekday + first_day_off) % 7 < 5 && present => one(shift_start + jitter, 8 * 60),
            Habit::Weekend if !working_day && present => one(9 * 60 + offset + jitter, 4 * 60 + longer * 2),
            Habit::Rare if today.chance(50) => one(10 * 60 + offset * 3 + jitter, 30 + longer),
            _ => [None, None],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wednesday 2026-01-14 00:00 UTC.
    const WEDNESDAY: i64 = 1_768_348_800;

    fn connected(habit: Habit, seconds: i64) -> usize {
        (0..200_u64)
            .filter(|person| {
                Person::new(habit, mix(*person), 0)
                    .last_session(seconds)
                    .is_some_and(|s| s.start <= seconds && seconds < s.end)
            })
            .count()
    }

    #[test]
    fn people_keep_their_hours() {
        let at = |day: i64, hour: i64| WEDNESDAY + day * DAY + hour * 3_600;
        assert!(connected(Habit::Office, at(0, 11)) > 150);
        assert_eq!(connected(Habit::Office, at(0, 3)), 0);
        assert_eq!(connected(Habit::Office, at(3, 11)), 0, "Saturday");
        assert!(connected(Habit::Weekend, at(3, 12)) > 150);
        assert!(connected(Habit::NightOwl, at(0, 22)) > 120);
        assert_eq!(connected(Habit::Never, at(0, 11)), 0);
        assert!(connected(Habit::Shift, at(0, 3)) > 20, "somebody works at night");
    }

    #[test]
    fn the_last_session_is_the_newest_that_has_begun() {
        for person in 0..300_u64 {
            for habit in [Habit::Office, Habit::NightOwl, Habit::Shift, Habit::Rare, Habit::PartTime] {
                let now = WEDNESDAY + (person as i64) * 977;
                let person_at = Person::new(habit, mix(person), -5);
                if let Some(session) = person_at.last_session(now) {
                    assert!(session.start <= now && session.start < session.end);
                    let again = person_at.last_session(session.start);
                    assert_eq!(again, Some(session));
                    let before = person_at.last_session(session.start - 1);
                    assert!(before.is_none_or(|b| b.start < session.start), "{habit:?} {person}");
                }
            }
        }
    }

    #[test]
    fn a_range_has_the_sessions_that_looking_back_finds() {
        for person in 0..60_u64 {
            for habit in [Habit::Office, Habit::NightOwl, Habit::Shift, Habit::Rare, Habit::Weekend] {
                let person = Person::new(habit, mix(person), 9);
                let (from, to) = (WEDNESDAY + 40_000, WEDNESDAY + 40 * DAY);
                let listed: Vec<Session> = person.sessions(from, to).collect();
                let mut found = Vec::new();
                let mut at = to - 1;
                while let Some(session) = person.last_session(at).filter(|session| session.end > from) {
                    at = session.start - 1;
                    found.push(session);
                }
                found.reverse();
                assert_eq!(listed, found);
                if let (Some(first), Some(second)) = (listed.first(), listed.get(1)) {
                    assert_eq!(person.next_session(first.start, to), Some(*second));
                }
            }
        }
    }
}
