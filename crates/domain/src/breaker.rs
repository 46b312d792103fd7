//! The circuit breaker before something that can be unavailable: after some failures in a row nobody asks it for a while, then one
//! question tries it again and decides. Pure: whoever asks says what time it is, by a clock that runs on (`Instant`) or one that
//! may be put back (`DateTime`). What counts as a failure is the asker's to say. To use it with another clock: a [`Moment`].

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// A moment of some clock.
pub trait Moment: Copy {
    /// Whether the clock may be put back.
    const GOES_BACK: bool;

    /// The moment so much later.
    #[must_use]
    fn later(self, by: Duration) -> Self;

    /// How long it is still to come at `now`; nothing once it is there.
    fn ahead_of(self, now: Self) -> Duration;
}

impl Moment for Instant {
    const GOES_BACK: bool = false;

    fn later(self, by: Duration) -> Self {
        self + by
    }

    fn ahead_of(self, now: Self) -> Duration {
        self.saturating_duration_since(now)
    }
}

impl Moment for DateTime<Utc> {
    const GOES_BACK: bool = true;

    fn later(self, by: Duration) -> Self {
        TimeDelta::from_std(by).ok().and_then(|by| self.checked_add_signed(by)).unwrap_or(Self::MAX_UTC)
    }

    fn ahead_of(self, now: Self) -> Duration {
        (self - now).to_std().unwrap_or_default()
    }
}

/// What a breaker does with who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Everybody may ask.
    Closed,
    /// Nobody may.
    Open,
    /// One question decides: it is on its way, or the next is it.
    HalfOpen,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::HalfOpen];

    /// Its name, as metrics have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// A circuit breaker.
#[derive(Debug)]
pub struct Breaker<M> {
    threshold: u32,
    pause: Duration,
    state: Mutex<State<M>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State<M> {
    Closed {
        failures: u32,
    },
    Open {
        until: M,
    },
    /// One question is on its way since then, and decides.
    Probing {
        since: M,
    },
}

/// It is paused; the next question may be asked after so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paused {
    /// Nothing while a probe is on its way.
    pub remaining: Duration,
}

/// Leave to ask once. Dropped without a verdict, as when nobody waits for the answer any more or nothing was sent, it changes
/// nothing, except that a probe gives its place to the next.
#[derive(Debug)]
#[must_use]
pub struct Pass<'a, M: Moment> {
    breaker: &'a Breaker<M>,
    probe: Option<M>,
    judged: bool,
}

impl<M: Moment> Breaker<M> {
    /// Closed; it pauses for `pause` after `threshold` failures in a row, at least one.
    pub fn new(threshold: u32, pause: Duration) -> Self {
        Self { threshold: threshold.max(1), pause, state: Mutex::new(State::Closed { failures: 0 }) }
    }

    /// When it may be asked again; `None` when it may be asked now.
    pub fn paused(&self, now: M) -> Option<M> {
        match *self.state() {
            State::Closed { .. } => None,
            State::Open { until } => self.remaining(until, now).map(|_| until),
            State::Probing { since } => Some(since),
        }
    }

    /// What it does with who asks now.
    pub fn standing(&self, now: M) -> Standing {
        match *self.state() {
            State::Closed { .. } => Standing::Closed,
            State::Open { until } if self.remaining(until, now).is_some() => Standing::Open,
            State::Open { .. } | State::Probing { .. } => Standing::HalfOpen,
        }
    }

    /// Leave to ask.
    ///
    /// # Errors
    /// [`Paused`] while it is, or its probe is on its way.
    pub fn admit(&self, now: M) -> Result<Pass<'_, M>, Paused> {
        let mut state = self.state();
        let probe = match *state {
            State::Closed { .. } => None,
            State::Open { until } => {
                if let Some(remaining) = self.remaining(until, now) {
                    return Err(Paused { remaining });
                }
                *state = State::Probing { since: now };
                Some(now)
            }
            State::Probing { .. } => return Err(Paused { remaining: Duration::ZERO }),
        };
        Ok(Pass { breaker: self, probe, judged: false })
    }

    /// How long a pause still lasts. Where one would last longer than a pause does, the clock was put back since.
    fn remaining(&self, until: M, now: M) -> Option<Duration> {
        Some(until.ahead_of(now)).filter(|left| !left.is_zero() && (!M::GOES_BACK || *left <= self.pause))
    }

    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Moment> Pass<'_, M> {
    /// It answered.
    pub fn answered(mut self) {
        self.judged = true;
        let mut state = self.breaker.state();
        // Who asked before it was paused has no say any more.
        if self.probe.is_some() || matches!(*state, State::Closed { .. }) {
            *state = State::Closed { failures: 0 };
        }
    }

    /// It was unavailable, and was waited for until `now`.
    pub fn failed(mut self, now: M) {
        self.judged = true;
        let open = State::Open { until: now.later(self.breaker.pause) };
        let mut state = self.breaker.state();
        *state = match *state {
            State::Probing { .. } if self.probe.is_some() => open,
            State::Closed { failures } if failures + 1 >= self.breaker.threshold => open,
            State::Closed { failures } => State::Closed { failures: failures + 1 },
            unchanged => unchanged,
        };
    }
}

impl<M: Moment> Drop for Pass<'_, M> {
    fn drop(&mut self) {
        if let (Some(since), false) = (self.probe, self.judged) {
            *self.breaker.state() = State::Open { until: since };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(30);

    fn start() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn opened<M: Moment>(now: M) -> Breaker<M> {
        let breaker = Breaker::new(3, PAUSE);
        for _ in 0..3 {
            breaker.admit(now).unwrap().failed(now);
        }
        breaker
    }

    #[test]
    fn only_failures_in_a_row_pause_it() {
        let now = start();
        let breaker = Breaker::new(3, PAUSE);
        for _ in 0..5 {
            breaker.admit(now).unwrap().failed(now);
            breaker.admit(now).unwrap().failed(now);
            breaker.admit(now).unwrap().answered();
            drop(breaker.admit(now).unwrap());
        }
        assert_eq!(breaker.paused(now), None);
        for _ in 0..3 {
            breaker.admit(now).unwrap().failed(now);
        }
        assert_eq!(breaker.paused(now), Some(now.later(PAUSE)));
        assert_eq!(breaker.admit(now).unwrap_err().remaining, PAUSE);
        let later = now.later(Duration::from_secs(10));
        assert_eq!(breaker.admit(later).unwrap_err().remaining, Duration::from_secs(20));
        assert!(breaker.admit(now.later(Duration::from_secs(29))).is_err());
    }

    #[test]
    fn one_question_decides_when_the_pause_is_over() {
        let (breaker, later) = (opened(start()), start().later(PAUSE));
        assert_eq!(breaker.paused(later), None);
        let probe = breaker.admit(later).unwrap();
        assert!(breaker.admit(later).is_err() && breaker.paused(later).is_some(), "only one at a time");
        probe.failed(later);
        assert_eq!(breaker.paused(later), Some(later.later(PAUSE)));
        assert_eq!(breaker.admit(later).unwrap_err().remaining, PAUSE);
        let later = later.later(PAUSE);
        drop(breaker.admit(later).unwrap());
        breaker.admit(later).expect("who gave up leaves its place").answered();
        breaker.admit(later).unwrap().failed(later);
        assert_eq!(breaker.paused(later), None, "it counts from zero again");
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn it_is_half_open_from_the_end_of_the_pause_to_the_verdict() {
        let (now, later) = (start(), start().later(PAUSE));
        let breaker = opened(now);
        assert_eq!(breaker.standing(now), Standing::Open);
        assert_eq!(breaker.standing(later), Standing::HalfOpen, "the next question decides");
        let probe = breaker.admit(later).unwrap();
        assert_eq!(breaker.standing(later), Standing::HalfOpen, "it is on its way");
        probe.failed(later);
        assert_eq!(breaker.standing(later), Standing::Open);
        let later = later.later(PAUSE);
        breaker.admit(later).unwrap().answered();
        assert_eq!(breaker.standing(later), Standing::Closed);
    }

    #[test]
    fn an_abandoned_probe_gives_its_place_to_the_next() {
        let (breaker, later) = (opened(start()), start().later(PAUSE));
        drop(breaker.admit(later).unwrap());
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn who_asked_before_the_pause_does_not_end_it() {
        let now = start();
        let breaker = Breaker::new(1, PAUSE);
        let (good, bad) = (breaker.admit(now).unwrap(), breaker.admit(now).unwrap());
        breaker.admit(now).unwrap().failed(now);
        let later = now.later(Duration::from_secs(10));
        good.answered();
        bad.failed(later);
        assert_eq!(breaker.paused(later), Some(now.later(PAUSE)));
        assert_eq!(breaker.admit(later).unwrap_err().remaining, Duration::from_secs(20));
    }

    #[test]
    fn a_clock_that_is_put_back_does_not_pause_it_for_longer() {
        assert!(opened(start()).admit(start() - TimeDelta::hours(1)).is_ok());
    }

    #[test]
    fn it_goes_by_a_clock_that_runs_on_too() {
        let now = Instant::now();
        let breaker = opened(now);
        assert_eq!(breaker.admit(now).unwrap_err().remaining, PAUSE);
        assert!(breaker.admit(now + PAUSE).is_ok());
    }
}
