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

/// The session under way at `now` (Unix seconds), else the last one before it.
pub(crate) fn last_session(habit: Habit, seed: u64, zone_hours: i64, now: i64) -> Option<Session> {
    if habit == Habit::Never {
        return None;
    }
    let local = now + zone_hours * 3_600;
    let today = local.div_euclid(DAY);
    (0..LOOK_BACK_DAYS).find_map(|back| {
        let day = today - back;
        let midnight = day * DAY - zone_hours * 3_600;
        spans_of_day(habit, seed, day)
            .into_iter()
            .rev()
            .flatten()
            .map(|(from, to)| Session { start: midnight + from * 60, end: midnight + to * 60 })
            .find(|session| session.start <= now)
    })
}

/// Spans in minutes after local midnight, in order; a span may end on the next day but never reaches the next span.
fn spans_of_day(habit: Habit, seed: u64, day: i64) -> [Option<(i64, i64)>; 2] {
    // Day 0 of Unix time was a Thursday.
    let weekday = (day + 3).rem_euclid(7);
    let working_day = weekday < 5;
    let mut person = Rng::from_parts(seed, "habit");
    let shift_start = [6 * 60, 14 * 60, 22 * 60][person.below(3) as usize];
    let first_day_off = person.below(7) as i64;
    let lunch_away = person.chance(350);
    let offset = person.below(90) as i64;
    let mut today = Rng::from_parts(mix(seed ^ mix(day as u64)), "day");
    let jitter = today.below(31) as i64 - 15;
    let present = today.chance(920);
    let longer = today.below(60) as i64;

    let one = |start: i64, length: i64| [Some((start, start + length)), None];
    match habit {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Wednesday 2026-01-14 00:00 UTC.
    const WEDNESDAY: i64 = 1_768_348_800;

    fn connected(habit: Habit, seconds: i64) -> usize {
        (0..200_u64)
            .filter(|person| {
                last_session(habit, mix(*person), 0, seconds).is_some_and(|s| s.start <= seconds && seconds < s.end)
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
                if let Some(session) = last_session(habit, mix(person), -5, now) {
                    assert!(session.start <= now && session.start < session.end);
                    let again = last_session(habit, mix(person), -5, session.start);
                    assert_eq!(again, Some(session));
                    let before = last_session(habit, mix(person), -5, session.start - 1);
                    assert!(before.is_none_or(|b| b.start < session.start), "{habit:?} {person}");
                }
            }
        }
    }
}
