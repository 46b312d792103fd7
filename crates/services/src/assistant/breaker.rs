//! The circuit breaker before a model elsewhere: after some failures in a row nobody asks it for a while, then one question
//! tries it again and decides. Each process has its own. What counts as a failure is [`super::levels::Voice::guarded`]'s.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Failures in a row after which nobody asks any more.
const FAILURES: u32 = 3;
/// For how long.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// A circuit breaker.
#[derive(Debug)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: DateTime<Utc>,
    },
    /// One question is on its way since then, and decides.
    Probing {
        since: DateTime<Utc>,
    },
}

/// Leave to ask once. Dropped without a verdict, as when nobody waits for the answer any more, it changes nothing, except that a
/// probe gives its place to the next.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    probe: Option<DateTime<Utc>>,
    judged: bool,
}

impl Default for Breaker {
    fn default() -> Self {
        Self(Mutex::new(State::Closed { failures: 0 }))
    }
}

impl Breaker {
    /// When it may be asked again; `None` when it may be asked now.
    pub(super) fn paused(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match *self.state() {
            State::Closed { .. } => None,
            State::Open { until } => is_ahead(until, now).then_some(until),
            State::Probing { since } => Some(since),
        }
    }

    /// Leave to ask; `None` while it is paused, or its probe is on its way.
    pub(super) fn admit(&self, now: DateTime<Utc>) -> Option<Pass<'_>> {
        let mut state = self.state();
        let probe = match *state {
            State::Closed { .. } => None,
            State::Open { until } if !is_ahead(until, now) => {
                *state = State::Probing { since: now };
                Some(now)
            }
            State::Open { .. } | State::Probing { .. } => return None,
        };
        Some(Pass { breaker: self, probe, judged: false })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is still to come. What lies further ahead than a pause lasts was set by a clock that was put back since.
fn is_ahead(until: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now < until && until - now <= PAUSE
}

impl Pass<'_> {
    /// It answered.
    pub(super) fn answered(mut self) {
        self.judged = true;
        let mut state = self.breaker.state();
        // Who asked before it was paused has no say any more.
        if self.probe.is_some() || matches!(*state, State::Closed { .. }) {
            *state = State::Closed { failures: 0 };
        }
    }

    /// It failed, and was waited for until `now`.
    pub(super) fn failed(mut self, now: DateTime<Utc>) {
        self.judged = true;
        let open = State::Open { until: now + PAUSE };
        let mut state = self.breaker.state();
        *state = match *state {
            State::Probing { .. } if self.probe.is_some() => open,
            State::Closed { failures } if failures + 1 >= FAILURES => open,
            State::Closed { failures } => State::Closed { failures: failures + 1 },
            unchanged => unchanged,
        };
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let (Some(since), false) = (self.probe, self.judged) {
            *self.breaker.state() = State::Open { until: since };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn opened() -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            breaker.admit(start()).unwrap().failed(start());
        }
        breaker
    }

    #[test]
    fn only_failures_in_a_row_pause_it() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            breaker.admit(start()).unwrap().failed(start());
            breaker.admit(start()).unwrap().failed(start());
            breaker.admit(start()).unwrap().answered();
            drop(breaker.admit(start()).unwrap());
        }
        assert_eq!(breaker.paused(start()), None);
        let breaker = opened();
        assert_eq!(breaker.paused(start()), Some(start() + PAUSE));
        assert!(breaker.admit(start() + PAUSE - TimeDelta::seconds(1)).is_none());
    }

    #[test]
    fn one_question_decides_when_the_pause_is_over() {
        let (breaker, later) = (opened(), start() + PAUSE);
        assert_eq!(breaker.paused(later), None);
        let probe = breaker.admit(later).unwrap();
        assert!(breaker.admit(later).is_none() && breaker.paused(later).is_some(), "only one at a time");
        probe.failed(later);
        assert_eq!(breaker.paused(later), Some(later + PAUSE));
        let later = later + PAUSE;
        drop(breaker.admit(later).unwrap());
        breaker.admit(later).expect("who gave up leaves its place").answered();
        breaker.admit(later).unwrap().failed(later);
        assert_eq!(breaker.paused(later), None, "it counts from zero again");
    }

    #[test]
    fn who_asked_before_the_pause_does_not_end_it() {
        let breaker = Breaker::default();
        let (good, bad) = (breaker.admit(start()).unwrap(), breaker.admit(start()).unwrap());
        for _ in 0..FAILURES {
            breaker.admit(start()).unwrap().failed(start());
        }
        let later = start() + TimeDelta::seconds(10);
        good.answered();
        bad.failed(later);
        assert_eq!(breaker.paused(later), Some(start() + PAUSE));
    }

    #[test]
    fn a_clock_that_is_put_back_does_not_pause_it_for_longer() {
        let breaker = opened();
        assert!(breaker.admit(start() - TimeDelta::hours(1)).is_some());
    }
}
