//! When a schedule ticks. Pure: everybody who asks with the same time gets the same answer.
//!
//! A tick is a moment: a multiple of the period, counted from 1970. Only the newest one that has passed counts, so that what
//! nobody was there for, or a pause, is made up for once.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The newest multiple of the period that has passed.
#[must_use]
pub fn last_tick(now: DateTime<Utc>, period: Duration) -> DateTime<Utc> {
    let period = i64::try_from(period.as_secs().max(1)).unwrap_or(i64::MAX);
    let seconds = now.timestamp();
    DateTime::from_timestamp(seconds - seconds.rem_euclid(period), 0).unwrap_or(now)
}

/// The next one.
#[must_use]
pub fn next_tick(now: DateTime<Utc>, period: Duration) -> DateTime<Utc> {
    let period = Duration::from_secs(period.as_secs().max(1));
    last_tick(now, period) + period
}

/// Whether the tick at `at` is still to be made, when the newest one made stands at `made`.
///
/// Ticks only go forward: a period that became longer brings none from before the newest. One made in what is the future now
/// was made by a clock that was wrong, and holds nothing up.
#[must_use]
pub fn is_due(at: DateTime<Utc>, made: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    made.is_none_or(|made| made < at || (made > now && made != at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ticks_are_multiples_of_the_period_whoever_asks() {
        let five = Duration::from_secs(300);
        for now in ["2026-03-01T12:05:00Z", "2026-03-01T12:07:31.5Z", "2026-03-01T12:09:59.999Z"] {
            assert_eq!(last_tick(at(now), five), at("2026-03-01T12:05:00Z"), "{now}");
            assert_eq!(next_tick(at(now), five), at("2026-03-01T12:10:00Z"), "{now}");
        }
        assert_eq!(last_tick(at("2026-03-01T12:10:00Z"), five), at("2026-03-01T12:10:00Z"));
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(last_tick(at("2026-03-01T23:59:59Z"), day), at("2026-03-01T00:00:00Z"));
        assert_eq!(last_tick(at("2026-03-01T23:59:59Z"), Duration::ZERO), at("2026-03-01T23:59:59Z"));
    }

    #[test]
    fn ticks_go_forward_whatever_happens_to_period_and_clock() {
        let now = at("2026-03-01T12:07:31Z");
        let (five, hour) = (at("2026-03-01T12:05:00Z"), at("2026-03-01T12:00:00Z"));
        assert!(is_due(five, None, now), "a new account's comes at once");
        assert!(!is_due(five, Some(five), now), "made already");
        assert!(is_due(five, Some(hour), now), "one or many were missed: made up for once");
        assert!(!is_due(hour, Some(five), now), "the period became longer");
        assert!(is_due(five, Some(at("2026-03-09T00:00:00Z")), now), "the clock was a week ahead for a while");
    }
}
