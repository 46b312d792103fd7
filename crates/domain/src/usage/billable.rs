//! The hours of an AUTO_STOP WorkSpace as AWS bills them: the rule that Wheelhouse uses by default.
//!
//! An hour starts at connection and runs through the time-out after disconnection. Somebody who comes back before the
//! time-out ran out goes on in the same session; at the very moment it ran out, the WorkSpace stops and a new session
//! begins. Each session is rounded up to whole hours.
//!
//! **The month's end.** A session's hours are counted from its start, and each hour belongs to the day, and so to the month,
//! in which it begins. A session over 00:00 UTC on the 1st is therefore neither cut nor rounded up twice: days and months
//! always add up to the whole. For the grid to be known, intervals from before the window asked for must be given too, whole.
//!
//! Not seen here, since CloudWatch's `UserConnected` does not show it: hours of a WorkSpace that was started by an operator
//! or for maintenance while nobody connected. It is not the place for the rule of AWS's Cost Optimizer
//! ([`super::cost_optimizer`]) nor for prices ([`crate::cost`]).

use serde::{Deserialize, Serialize};

use super::{ConnectedInterval, intervals};

const HOUR_SECS: i64 = 3_600;

/// Time for which AWS bills hours in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BilledSession {
    /// The connection, Unix seconds.
    pub start: i64,
    /// The last disconnection.
    pub last_seen: i64,
    /// When the time-out ran out and the WorkSpace stopped.
    pub end: i64,
    /// From start to end, rounded up to whole hours.
    pub hours: u32,
}

impl BilledSession {
    /// How many of its hours begin in `[from, to)`.
    #[must_use]
    pub fn hours_beginning_in(&self, from: i64, to: i64) -> u32 {
        // Hour k begins at start + k hours: those before `at` are as many as hours, begun ones included, lie before it.
        let before = |at: i64| {
            let begun =
                (i128::from(at) - i128::from(self.start) + i128::from(HOUR_SECS) - 1).div_euclid(HOUR_SECS.into());
            u32::try_from(begun.clamp(0, self.hours.into())).unwrap_or(self.hours)
        };
        before(to).saturating_sub(before(from))
    }
}

/// The sessions that intervals of connected time make with a time-out, in order.
#[must_use]
pub fn sessions(pieces: &[ConnectedInterval], timeout_minutes: u32) -> Vec<BilledSession> {
    let timeout = i64::from(timeout_minutes) * 60;
    let mut found: Vec<BilledSession> = Vec::new();
    for piece in intervals::normalise(pieces.to_vec()) {
        match found.last_mut() {
            Some(last) if piece.start.saturating_sub(last.last_seen) < timeout => last.last_seen = piece.end,
            _ => found.push(BilledSession { start: piece.start, last_seen: piece.end, end: piece.end, hours: 0 }),
        }
    }
    for session in &mut found {
        session.end = session.last_seen.saturating_add(timeout);
        let secs = session.end.saturating_sub(session.start);
        session.hours = u32::try_from(secs / HOUR_SECS + i64::from(secs % HOUR_SECS > 0)).unwrap_or(u32::MAX);
    }
    found
}

/// The hours that begin in `[from, to)`, Unix seconds. See the module about intervals from before the window.
#[must_use]
pub fn billable_hours(pieces: &[ConnectedInterval], timeout_minutes: u32, from: i64, to: i64) -> u64 {
    sessions(pieces, timeout_minutes).iter().map(|session| u64::from(session.hours_beginning_in(from, to))).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::usage::{
        Month,
        arbitrary::{BASE, intervals as some_intervals},
    };

    fn minutes(start: i64, end: i64) -> ConnectedInterval {
        ConnectedInterval { start: BASE + start * 60, end: BASE + end * 60 }
    }

    fn hours(pieces: &[ConnectedInterval], timeout: u32) -> Vec<u32> {
        sessions(pieces, timeout).iter().map(|session| session.hours).collect()
    }

    #[test]
    fn awss_examples() {
        assert_eq!(hours(&[minutes(0, 5)], 60), [2], "one point");
        assert_eq!(hours(&[minutes(0, 60)], 60), [2], "twelve points");
        assert_eq!(hours(&[minutes(0, 65)], 60), [3], "thirteen points");
        assert_eq!(hours(&[minutes(0, 60), minutes(115, 175)], 60), [4], "an hour, a pause of 55 minutes, an hour");
        assert_eq!(hours(&[], 60), [0u32; 0]);
    }

    #[test]
    fn the_time_out_itself_ends_the_session() {
        assert_eq!(hours(&[minutes(0, 5), minutes(64, 70)], 60), [3]);
        assert_eq!(hours(&[minutes(0, 5), minutes(65, 70)], 60), [2, 2]);
        assert_eq!(hours(&[minutes(0, 5), minutes(5, 10)], 0), [1], "touching time is one connection");
    }

    #[test]
    fn an_hour_belongs_to_the_month_in_which_it_begins() {
        // 2024-02-29 22:30 to 2024-03-01 00:15, then an hour's time-out: 22:30, 23:30 and 00:30 begin an hour.
        let start = Month::new(2024, 2).unwrap().end().timestamp() - 5_400;
        let pieces = [ConnectedInterval { start, end: start + 6_300 }];
        let in_month = |month: Month| billable_hours(&pieces, 60, month.start().timestamp(), month.end().timestamp());
        assert_eq!(in_month(Month::new(2024, 2).unwrap()), 2);
        assert_eq!(in_month(Month::new(2024, 3).unwrap()), 1);
        assert_eq!(in_month(Month::new(2024, 1).unwrap()), 0);
    }

    #[test]
    fn a_month_without_pause_is_all_its_hours_and_the_time_out_is_the_next_months() {
        let month = Month::new(2026, 11).unwrap();
        let (from, to) = (month.start().timestamp(), month.end().timestamp());
        let pieces = [ConnectedInterval { start: from, end: to }];
        assert_eq!(billable_hours(&pieces, 60, from, to), 720);
        assert_eq!(billable_hours(&pieces, 60, to, to + 86_400), 1);
    }

    #[test]
    fn odd_times_do_not_panic() {
        let far = [ConnectedInterval { start: i64::MIN, end: i64::MAX }];
        assert_eq!(sessions(&far, u32::MAX).len(), 1);
        let _ = billable_hours(&far, 60, i64::MIN, i64::MAX);
    }

    proptest! {
        #[test]
        fn days_and_months_add_up_to_the_sessions(pieces in some_intervals(60, 15), timeout in 0u32..300, cut in 0i64..60 * 86_400) {
            let (from, to) = (BASE, BASE + 120 * 86_400);
            let all: u64 = sessions(&pieces, timeout).iter().map(|session| u64::from(session.hours)).sum();
            prop_assert_eq!(billable_hours(&pieces, timeout, from, to), all);
            let (first, second) = (billable_hours(&pieces, timeout, from, from + cut), billable_hours(&pieces, timeout, from + cut, to));
            prop_assert_eq!(first + second, all);
            let days = (0..120).map(|day| BASE + day * 86_400);
            prop_assert_eq!(days.map(|day| billable_hours(&pieces, timeout, day, day + 86_400)).sum::<u64>(), all);
        }

        #[test]
        fn sessions_cover_the_connected_time_and_little_more(pieces in some_intervals(60, 15), timeout in 0u32..300) {
            let found = sessions(&pieces, timeout);
            let timeout = i64::from(timeout) * 60;
            for session in &found {
                let secs = session.end - session.start;
                prop_assert!(i64::from(session.hours) * HOUR_SECS >= secs);
                prop_assert!(i64::from(session.hours - 1) * HOUR_SECS < secs);
                prop_assert_eq!(session.end - session.last_seen, timeout);
            }
            for pair in found.windows(2) {
                prop_assert!(pair[1].start >= pair[0].end, "a WorkSpace stops before it starts again");
            }
            let joined = intervals::normalise(pieces);
            for piece in &joined {
                prop_assert!(found.iter().any(|session| session.start <= piece.start && piece.end <= session.last_seen));
            }
            prop_assert!(found.len() <= joined.len());
        }

        #[test]
        fn a_longer_time_out_never_costs_less(pieces in some_intervals(60, 15), hours in 1u32..5) {
            let all = |timeout| sessions(&pieces, timeout).iter().map(|session| u64::from(session.hours)).sum::<u64>();
            prop_assert!(all(hours * 60) <= all((hours + 1) * 60));
        }

        #[test]
        fn staying_longer_never_costs_less(pieces in some_intervals(60, 10), more in 1i64..5_000) {
            let mut longer = intervals::normalise(pieces);
            let all = |pieces: &[ConnectedInterval]| sessions(pieces, 60).iter().map(|session| u64::from(session.hours)).sum::<u64>();
            let before = all(&longer);
            if let Some(last) = longer.last_mut() { last.end += more * 60 }
            prop_assert!(all(&longer) >= before);
        }

        #[test]
        fn a_later_look_never_shows_fewer_hours(pieces in some_intervals(60, 10), at in 0i64..40 * 86_400, later in 0i64..86_400) {
            prop_assert!(billable_hours(&pieces, 60, BASE, BASE + at) <= billable_hours(&pieces, 60, BASE, BASE + at + later));
        }
    }
}
