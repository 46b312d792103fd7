//! Time and randomness for tests: real ones, and a clock that a test moves by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use domain::env::{Clock, Env, Random};

/// The real clock and random bytes of the operating system.
#[must_use]
pub fn real() -> Env {
    Env { clock: real_clock(), random: Random::new(platform::os::fill_random) }
}

/// The real clock.
#[must_use]
pub fn real_clock() -> Clock {
    Clock::new(platform::os::now)
}

/// The real clock, moved: it runs as fast as the real one, from another moment. Clones move together.
#[derive(Debug, Clone, Default)]
pub struct ShiftedClock(Arc<AtomicI64>);

impl ShiftedClock {
    /// It is `at` now.
    #[must_use]
    pub fn starting(at: DateTime<Utc>) -> Self {
        let ahead = at.timestamp_micros() - platform::os::now().timestamp_micros();
        Self(Arc::new(AtomicI64::new(ahead)))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        platform::os::now() + TimeDelta::microseconds(self.0.load(Ordering::SeqCst))
    }

    /// Moves it.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().expect("a test moves by less than 292,000 years"), Ordering::SeqCst);
    }

    /// With random bytes of the operating system.
    #[must_use]
    pub fn env(&self) -> Env {
        let clock = self.clone();
        Env { clock: Clock::new(move || clock.now()), random: Random::new(platform::os::fill_random) }
    }
}

/// A clock that stands still until it is moved. Clones move together.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// Stands at `at`.
    #[must_use]
    pub fn at(at: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// Moves it.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().expect("a test moves by less than 292,000 years"), Ordering::SeqCst);
    }

    /// As the clock that code under test takes.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let micros = Arc::clone(&self.0);
        Clock::new(move || {
            DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).expect("set from a valid time")
        })
    }
}
