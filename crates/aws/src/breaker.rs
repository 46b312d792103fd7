//! The circuit breaker of one operation in one account and region: after some failures in a row nothing is sent for a
//! while, then a single probe decides. It counts only calls that found AWS unavailable; a refusal is an answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A circuit breaker.
#[derive(Debug)]
pub(crate) struct Breaker {
    threshold: u32,
    cool_down: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

/// The circuit is open; the next probe may go after this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CircuitOpen {
    pub(crate) remaining: Duration,
}

/// Leave to make one call. Dropped without a verdict (the call was abandoned, or never sent) it changes nothing, except
/// that a probe gives its place to the next.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    breaker: &'a Breaker,
    probe: bool,
    judged: bool,
}

impl Breaker {
    /// A closed circuit that opens after `threshold` failures in a row, for `cool_down`.
    pub(crate) fn new(threshold: u32, cool_down: Duration) -> Self {
        Self { threshold: threshold.max(1), cool_down, state: Mutex::new(State::Closed { failures: 0 }) }
    }

    /// Asks for leave to make a call.
    ///
    /// # Errors
    /// [`CircuitOpen`] while the circuit is open or its probe is still on its way.
    pub(crate) fn admit(&self) -> Result<Pass<'_>, CircuitOpen> {
        let mut state = self.lock();
        let probe = match *state {
            State::Closed { .. } => false,
            State::Open { until } => {
                let remaining = until.saturating_duration_since(Instant::now());
                if !remaining.is_zero() {
                    return Err(CircuitOpen { remaining });
                }
                *state = State::Probing;
                true
            }
            State::Probing => return Err(CircuitOpen { remaining: Duration::ZERO }),
        };
        Ok(Pass { breaker: self, probe, judged: false })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> State {
        State::Open { until: Instant::now() + self.cool_down }
    }
}

impl Pass<'_> {
    /// AWS answered.
    pub(crate) fn answered(mut self) {
        self.judged = true;
        let mut state = self.breaker.lock();
        // A call that began before the circuit opened has no say about it any more.
        if self.probe || matches!(*state, State::Closed { .. }) {
            *state = State::Closed { failures: 0 };
        }
    }

    /// AWS was unavailable.
    pub(crate) fn failed(mut self) {
        self.judged = true;
        let mut state = self.breaker.lock();
        *state = match *state {
            State::Probing if self.probe => self.breaker.open(),
            State::Closed { failures } if failures + 1 >= self.breaker.threshold => self.breaker.open(),
            State::Closed { failures } => State::Closed { failures: failures + 1 },
            unchanged => unchanged,
        };
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.probe && !self.judged {
            *self.breaker.lock() = State::Open { until: Instant::now() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOL_DOWN: Duration = Duration::from_secs(30);

    fn opened() -> Breaker {
        let breaker = Breaker::new(3, COOL_DOWN);
        for _ in 0..3 {
            breaker.admit().unwrap().failed();
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_only() {
        let breaker = Breaker::new(3, COOL_DOWN);
        for _ in 0..5 {
            breaker.admit().unwrap().failed();
            breaker.admit().unwrap().failed();
            breaker.admit().unwrap().answered();
        }
        for _ in 0..3 {
            breaker.admit().unwrap().failed();
        }
        assert_eq!(breaker.admit().unwrap_err().remaining, COOL_DOWN);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(breaker.admit().unwrap_err().remaining, Duration::from_secs(20));
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_after_the_cool_down_decides() {
        let breaker = opened();
        tokio::time::advance(COOL_DOWN).await;
        let probe = breaker.admit().unwrap();
        assert!(breaker.admit().is_err(), "only one probe at a time");
        probe.failed();
        assert_eq!(breaker.admit().unwrap_err().remaining, COOL_DOWN);
        tokio::time::advance(COOL_DOWN).await;
        breaker.admit().unwrap().answered();
        breaker.admit().unwrap().failed();
        assert!(breaker.admit().is_ok(), "closed again, counting from zero");
    }

    #[tokio::test(start_paused = true)]
    async fn an_abandoned_probe_gives_its_place_to_the_next() {
        let breaker = opened();
        tokio::time::advance(COOL_DOWN).await;
        drop(breaker.admit().unwrap());
        assert!(breaker.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn late_verdicts_of_old_calls_do_not_touch_an_open_circuit() {
        let breaker = Breaker::new(1, COOL_DOWN);
        let (late_good, late_bad) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        breaker.admit().unwrap().failed();
        tokio::time::advance(Duration::from_secs(10)).await;
        late_good.answered();
        late_bad.failed();
        assert_eq!(breaker.admit().unwrap_err().remaining, Duration::from_secs(20));
    }
}
